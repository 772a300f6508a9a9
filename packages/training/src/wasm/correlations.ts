import type { Dense, WeightedLayer } from '@sparrow/model';
import type { Arena, Field } from './arena.ts';
import { flatOffsets, LANES } from './tensors.ts';
import type { BatchTensor } from './tensors.ts';
import { convolutionAxes, phases } from './windows.ts';
import type { Axes, Phase } from './windows.ts';

/** The `Correlation` of kernels/network.h without its packed weights; offsets and strides in floats. */
export interface Correlation {
  readonly inputOffset: readonly number[];
  readonly weightIndex: readonly number[];
  readonly outputOffset: readonly number[];
  readonly weightStride: number;
  readonly rows: number;
  readonly columns: number;
  readonly inputRowStride: number;
  readonly inputColumnStride: number;
  readonly outputBase: number;
  readonly outputRowStride: number;
  readonly outputColumnStride: number;
}

export function allocateCorrelations(arena: Arena, correlations: readonly Correlation[]): number {
  const records = correlations.map((c): Field[] => [
    c.inputOffset.length,
    c.outputOffset.length,
    arena.integers(c.inputOffset),
    arena.integers(c.weightIndex),
    arena.integers(c.outputOffset),
    c.weightStride,
    arena.allocateWords(c.inputOffset.length * c.outputOffset.length),
    c.rows,
    c.columns,
    c.inputRowStride,
    c.inputColumnStride,
    c.outputBase,
    c.outputRowStride,
    c.outputColumnStride,
  ]);
  return arena.records(records);
}

/** From a layer's input to its accumulators. */
export function forwardCorrelations(layer: WeightedLayer, input: BatchTensor, output: BatchTensor): Correlation[] {
  if (layer.kind === 'dense') return [denseForward(layer, input, output)];
  const axes = convolutionAxes(layer, input.shape);
  const channels = range(input.shape.channels);
  if (layer.kind === 'conv2d') {
    const outputs = range(layer.filters);
    const weightStride = axes.rows.kernel * axes.columns.kernel * channels.length;
    return [convolutionForward(axes, channels, outputs, channels.length, weightStride, input, output)];
  }
  return channels.map((k) => ({
    ...convolutionForward(axes, [k], [k], channels.length, 0, input, output),
  }));
}

/** From the gradient by a layer's accumulators to that by its input. */
export function backwardCorrelations(layer: WeightedLayer, gradient: BatchTensor, input: BatchTensor): Correlation[] {
  if (layer.kind === 'dense') return [denseBackward(layer, gradient, input)];
  const axes = convolutionAxes(layer, input.shape);
  const channels = range(input.shape.channels);
  return phases(axes.rows).flatMap((rows) =>
    phases(axes.columns).flatMap((columns) => {
      if (layer.kind === 'conv2d') {
        return [convolutionBackward(axes, rows, columns, range(layer.filters), channels, gradient, input)];
      }
      return channels.map((k) => depthwiseBackward(axes, rows, columns, k, gradient, input));
    }),
  );
}

function convolutionForward(
  { rows, columns }: Axes,
  inputs: readonly number[],
  outputs: readonly number[],
  channels: number,
  weightStride: number,
  x: BatchTensor,
  y: BatchTensor,
): Correlation {
  const inputOffset: number[] = [];
  const weightIndex: number[] = [];
  for (let i = 0; i < rows.kernel; i++) {
    for (let j = 0; j < columns.kernel; j++) {
      for (const k of inputs) {
        inputOffset.push(k * x.planeStride + (i - rows.before) * x.rowStride + (j - columns.before) * LANES);
        weightIndex.push((i * columns.kernel + j) * channels + k);
      }
    }
  }
  return {
    inputOffset,
    weightIndex,
    outputOffset: outputs.map((o) => o * y.planeStride),
    weightStride,
    rows: rows.output,
    columns: columns.output,
    inputRowStride: rows.stride * x.rowStride,
    inputColumnStride: columns.stride * LANES,
    outputBase: 0,
    outputRowStride: y.rowStride,
    outputColumnStride: LANES,
  };
}

function convolutionBackward(
  axes: Axes,
  rows: Phase,
  columns: Phase,
  filters: readonly number[],
  channels: readonly number[],
  gradient: BatchTensor,
  input: BatchTensor,
): Correlation {
  const taps = axes.rows.kernel * axes.columns.kernel;
  const entries = filters.flatMap((o) =>
    phaseTaps(axes, rows, columns, gradient).map(({ offset, tap }) => ({
      offset: o * gradient.planeStride + offset,
      weight: (o * taps + tap) * channels.length,
    })),
  );
  return {
    ...phaseGrid(axes, rows, columns, gradient, input),
    inputOffset: entries.map(({ offset }) => offset),
    weightIndex: entries.map(({ weight }) => weight),
    outputOffset: channels.map((k) => k * input.planeStride),
    weightStride: 1,
  };
}

function depthwiseBackward(
  axes: Axes,
  rows: Phase,
  columns: Phase,
  channel: number,
  gradient: BatchTensor,
  input: BatchTensor,
): Correlation {
  const taps = phaseTaps(axes, rows, columns, gradient);
  return {
    ...phaseGrid(axes, rows, columns, gradient, input),
    inputOffset: taps.map(({ offset }) => channel * gradient.planeStride + offset),
    weightIndex: taps.map(({ tap }) => tap * input.shape.channels + channel),
    outputOffset: [channel * input.planeStride],
    weightStride: 0,
  };
}

function phaseTaps(
  { columns: { kernel: width } }: Axes,
  rows: Phase,
  columns: Phase,
  gradient: BatchTensor,
): { offset: number; tap: number }[] {
  return rows.taps.flatMap((row) =>
    columns.taps.map((column) => ({
      offset: row.shift * gradient.rowStride + column.shift * LANES,
      tap: row.index * width + column.index,
    })),
  );
}

function phaseGrid(axes: Axes, rows: Phase, columns: Phase, gradient: BatchTensor, input: BatchTensor) {
  return {
    rows: rows.count,
    columns: columns.count,
    inputRowStride: gradient.rowStride,
    inputColumnStride: LANES,
    outputBase: rows.first * input.rowStride + columns.first * LANES,
    outputRowStride: axes.rows.stride * input.rowStride,
    outputColumnStride: axes.columns.stride * LANES,
  };
}

const ONE_PIXEL = {
  rows: 1,
  columns: 1,
  inputRowStride: 0,
  inputColumnStride: 0,
  outputBase: 0,
  outputRowStride: 0,
  outputColumnStride: 0,
};

function denseForward(layer: Dense, input: BatchTensor, output: BatchTensor): Correlation {
  const inputOffset = flatOffsets(input);
  return {
    ...ONE_PIXEL,
    inputOffset,
    weightIndex: range(inputOffset.length),
    outputOffset: range(layer.units).map((o) => o * output.planeStride),
    weightStride: inputOffset.length,
  };
}

function denseBackward(layer: Dense, gradient: BatchTensor, input: BatchTensor): Correlation {
  const outputOffset = flatOffsets(input);
  return {
    ...ONE_PIXEL,
    inputOffset: range(layer.units).map((o) => o * gradient.planeStride),
    weightIndex: range(layer.units).map((o) => o * outputOffset.length),
    outputOffset,
    weightStride: 1,
  };
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}
