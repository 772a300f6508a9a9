import type { Dense, WeightedParameters } from '@sparrow/model';
import { X } from '../assembly/registers.ts';
import { outputOf, parametersOfKind, type PrintedStep, type StepContext } from '../context.ts';
import { packBias } from '../biases.ts';
import { denseEncodingsFor, littleEndian } from '../encodings/index.ts';
import { resolveDenseShape, rowOrder } from './dense-shape.ts';
import { printStationarySteps } from './dense-stationary.ts';
import { emitDense, hasRowTotal } from '../kernels/dense/kernel.ts';
import { type DenseShape, type DenseTile, tileSizes } from '../kernels/dense/shape.ts';
import { printDenseTwin } from '../kernels/dense/twin.ts';
import { printRequantize } from '../requantization.ts';
import { inputSlot, iterationNumber, loadRowAddress, outputSlot } from '../rows.ts';

/** More never fit the registers. */
const MOST_UNITS = 10;

/** Sums grow as the rows come; the last row's arrival ends them. */
export function printDenseSteps(context: StepContext, layer: Dense): PrintedStep[] {
  const shape = resolveDenseShape(context, layer);
  const signs = signsTakeTime(shape, layer) && hasRowTotal(shape);
  const encodings = denseEncodingsFor(layer.weightBits).filter(({ offset }) => offset === 0 || signs);
  const largest = Array.from({ length: Math.min(MOST_UNITS, layer.units) }, (_, index) => index + 1);
  // Several largest sizes may divide the units alike.
  const sizes = [...new Set(largest.map((size) => tileSizes(layer.units, size)[0]))];
  const tiled = encodings.flatMap((encoding) =>
    sizes.flatMap((size) =>
      ([1, 2] as const).map((unrolled) => printStep(context, shape, { encoding, units: size, unrolled })),
    ),
  );
  return [...tiled, ...printStationarySteps(context, layer, shape)];
}

/** Products of 16 bits are as fast signed, and whole bytes are signed already. */
function signsTakeTime({ accumulatorBits }: DenseShape, { weightBits }: Dense): boolean {
  return accumulatorBits > 16 || weightBits < 8;
}

function printStep(context: StepContext, shape: DenseShape, largest: DenseTile): PrintedStep {
  const { step, name } = context;
  const [ring] = context.inputs;
  const parameters = parametersOfKind('weighted', context.parameters);
  const { requantization } = parameters;
  const tiles = tileSizes(shape.units, largest.units).map((units): DenseTile => ({ ...largest, units }));
  const weights = packWeights(shape, tiles, parameters, rowOrder(ring));
  const separate = requantization !== undefined && shape.rows > 1;
  const multipliers = separate
    ? [...requantization.multipliers].flatMap((multiplier) => littleEndian(multiplier, shape.multiplierBytes))
    : [];
  const tables = { weights: `weights_${name}`, multipliers: `multipliers_${name}` };
  const addresses = (frame: Parameters<PrintedStep['emit']>[0]) => ({
    setRow: () => loadRowAddress(frame, X, ring, 'slot', 24),
    setOutput: () => loadRowAddress(frame, X, outputOf(context), 'out', 24),
  });
  return {
    description: describe(shape, tiles),
    tables: [
      { name: tables.weights, bytes: weights },
      ...(separate ? [{ name: tables.multipliers, bytes: multipliers }] : []),
    ],
    parameterBytes: weights.length + multipliers.length,
    operands: [
      inputSlot(step, ring),
      ...(requantization ? [outputSlot(step, outputOf(context))] : []),
      iterationNumber(step),
    ],
    environment: (iteration) => ({ i: iteration }),
    twin: {
      declarations: [
        requantization ? printRequantize(`requantize_${name}`, requantization, shape.range) : '',
        printDenseTwin(shape, tiles).declarations,
      ]
        .filter(Boolean)
        .join('\n'),
      body: printDenseTwin(shape, tiles).body(ring, requantization ? outputOf(context) : undefined),
    },
    emit: (frame) => emitDense(frame, shape, tiles, tables, addresses(frame)),
  };
}

function describe({ accumulatorBits }: DenseShape, tiles: readonly DenseTile[]): string {
  const [{ encoding, unrolled }] = tiles;
  const units = tiles.map((tile) => tile.units).join(' + ');
  return `dense ${encoding.name} acc${accumulatorBits}: ${units} units${unrolled > 1 ? ', two values at a time' : ''}`;
}

/**
 * Row by row, in each tile by tile: weights, value by value those of all units. In the first row biases come before them,
 * and multipliers behind if there is no other row.
 */
function packWeights(
  shape: DenseShape,
  tiles: readonly DenseTile[],
  { weights, bias, requantization }: WeightedParameters,
  order: readonly number[],
): number[] {
  const { rows, planes, values } = shape;
  const bytes: number[] = [];
  for (let row = 0; row < rows; row++) {
    let first = 0;
    for (const { encoding, units } of tiles) {
      const together = Array.from({ length: units }, (_, index) => first + index);
      if (row === 0) bytes.push(...together.flatMap((unit) => packBias(bias[unit], shape.bias)));
      for (let plane = 0; plane < planes; plane++) {
        const offsets = order.slice(plane * values, (plane + 1) * values);
        const at = (unit: number, offset: number): number => (unit * rows + row) * order.length + offset;
        const run = offsets.flatMap((offset) => together.map((unit) => weights[at(unit, offset)]));
        bytes.push(...encoding.pack(run, 1));
      }
      if (rows === 1 && requantization) {
        bytes.push(
          ...together.flatMap((unit) => littleEndian(requantization.multipliers[unit], shape.multiplierBytes)),
        );
      }
      first += units;
    }
  }
  return bytes;
}
