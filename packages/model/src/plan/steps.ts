import type { Architecture, LayerSpec, Shape } from '../architecture.ts';
import { windowGeometry } from '../geometry.ts';

/**
 * One row-wise loop of the generated program. Iteration `i` reads the input rows `i·rowStride − padTop` up to
 * `windowRows` further down, and contributes to output row `⌊i / rowsPerOutput⌋`, which is complete after the last of its
 * `rowsPerOutput` iterations. This one shape describes every operator: convolutions and pools slide a window, a max-pool
 * folds rows into its output, dense layers and global averages take all rows for their single one.
 */
export interface Step {
  /** Index of the layer that computes. */
  readonly layer: number;
  /** Index of the max-pool that is folded into the convolution: its input never exists as a tensor. */
  readonly pool?: number;
  readonly inputs: readonly number[];
  readonly output: number;
  readonly rowStride: number;
  readonly padTop: number;
  readonly windowRows: number;
  readonly rowsPerOutput: number;
  /** Sums live in accumulators of their own; the output row is written in the last iteration only. */
  readonly accumulates: boolean;
  /** Rows and columns of the output that somebody reads, and columns that the layer itself computes before pooling. */
  readonly outputRows: number;
  readonly outputColumns: number;
  readonly computedColumns: number;
}

type Rows = Pick<Step, 'rowStride' | 'padTop' | 'windowRows' | 'rowsPerOutput' | 'accumulates'>;

export function iterations(step: Step): number {
  return step.outputRows * step.rowsPerOutput;
}

/** First input row that `iteration` and all later ones still read. */
export function firstRow(step: Rows, iteration: number): number {
  return Math.max(0, iteration * step.rowStride - step.padTop);
}

/** Input rows that have to be there before `iteration` can run. */
export function rowsNeeded(step: Rows, iteration: number, inputHeight: number): number {
  return Math.min(inputHeight, iteration * step.rowStride - step.padTop + step.windowRows);
}

const ROW_BY_ROW: Rows = { rowStride: 1, padTop: 0, windowRows: 1, rowsPerOutput: 1, accumulates: false };

function rowsOf(layer: LayerSpec, input: Shape): Rows {
  switch (layer.kind) {
    case 'conv2d':
    case 'depthwiseConv2d':
    case 'averagePool':
    case 'maxPool': {
      if (layer.kind === 'maxPool' && folds(layer)) return { ...ROW_BY_ROW, rowsPerOutput: layer.window.height };
      const { window, stride, padTop } = windowGeometry(layer, input);
      return { ...ROW_BY_ROW, rowStride: stride.height, padTop, windowRows: window.height };
    }
    case 'globalAveragePool':
    case 'dense':
      return { ...ROW_BY_ROW, rowsPerOutput: input.height, accumulates: true };
    case 'add':
      return ROW_BY_ROW;
  }
}

/** A max-pool whose windows do not overlap vertically folds each row into its output as it comes. */
function folds(layer: LayerSpec): boolean {
  return layer.kind === 'maxPool' && layer.window.height === layer.stride.height;
}

/** Convolutions whose only reader is a max-pool with windows side by side: layer index → index of the pool. */
function foldedPools({ layers }: Architecture): Map<number, number> {
  const pairs = new Map<number, number>();
  layers.forEach(({ kind }, index) => {
    if (kind !== 'conv2d' && kind !== 'depthwiseConv2d') return;
    const readers = layers.flatMap((layer, reader) => (layer.inputs.includes(index + 1) ? [reader] : []));
    const pool = layers[readers[0]];
    if (readers.length === 1 && folds(pool) && pool.kind === 'maxPool' && pool.window.width === pool.stride.width) {
      pairs.set(index, readers[0]);
    }
  });
  return pairs;
}

/** Input columns that the first `columns` output columns read. */
function columnsRead(layer: LayerSpec, input: Shape, columns: number): number {
  if (layer.kind === 'add') return columns;
  if (layer.kind === 'dense' || layer.kind === 'globalAveragePool') return input.width;
  const { window, stride, padLeft } = windowGeometry(layer, input);
  return Math.min(input.width, (columns - 1) * stride.width - padLeft + window.width);
}

/** The loops of the program, in the order of the layers. `shapes` as from `inferShapes`. */
export function planSteps(architecture: Architecture, shapes: readonly Shape[]): Step[] {
  const { layers } = architecture;
  const pools = foldedPools(architecture);
  const folded = new Set(pools.values());
  const used = shapes.map(() => ({ rows: 0, columns: 0 }));
  used[shapes.length - 1] = { rows: 1, columns: 1 };

  const makeStep = (layer: LayerSpec, index: number): Step => {
    const pool = pools.get(index);
    const output = (pool ?? index) + 1;
    const poolLayer = pool === undefined ? undefined : layers[pool];
    const window = poolLayer?.kind === 'maxPool' ? poolLayer.window : { height: 1, width: 1 };
    const rows = rowsOf(layer, shapes[layer.inputs[0]]);
    const { rows: outputRows, columns: outputColumns } = used[output];
    const step: Step = {
      ...rows,
      layer: index,
      pool,
      inputs: layer.inputs,
      output,
      rowsPerOutput: rows.rowsPerOutput * window.height,
      outputRows,
      outputColumns,
      computedColumns: outputColumns * window.width,
    };
    for (const tensor of layer.inputs) {
      const shape = shapes[tensor];
      used[tensor].rows = Math.max(used[tensor].rows, rowsNeeded(step, iterations(step) - 1, shape.height));
      used[tensor].columns = Math.max(used[tensor].columns, columnsRead(layer, shape, step.computedColumns));
    }
    return step;
  };

  // Backwards, because what a layer has to compute depends on who reads it.
  const steps: Step[] = [];
  for (let index = layers.length - 1; index >= 0; index--) {
    if (!folded.has(index)) steps.unshift(makeStep(layers[index], index));
  }
  return steps;
}
