import type { Dense, WeightedParameters } from '@sparrow/model';
import { X } from '../assembly/registers.ts';
import { outputOf, parametersOfKind, type PrintedStep, type StepContext } from '../context.ts';
import { packBias } from '../biases.ts';
import { denseEncodingsFor, littleEndian } from '../encodings/index.ts';
import type { DenseShape } from '../kernels/dense/shape.ts';
import { canBeStationary, type DenseChunk, emitStationary } from '../kernels/dense/stationary.ts';
import { printStationaryTwin } from '../kernels/dense/twin.ts';
import { printRequantize } from '../requantization.ts';
import { inputSlot, iterationNumber, loadRowAddress, outputSlot } from '../rows.ts';
import { rowOrder } from './dense-shape.ts';

/** More never fit the registers; fewer are not worth it. */
const [FEWEST_VALUES, MOST_VALUES] = [6, 18];

/** Ways to compute a layer with the values of a row, or of equal parts of it, in registers. */
export function printStationarySteps(context: StepContext, layer: Dense, shape: DenseShape): PrintedStep[] {
  if (!canBeStationary(shape) || shape.bias.stepExponent !== undefined) return [];
  const sizes = Array.from({ length: MOST_VALUES }, (_, index) => index + 1).filter(
    (values) => values >= FEWEST_VALUES && shape.values % values === 0,
  );
  return denseEncodingsFor(layer.weightBits)
    .filter(({ offset }) => offset > 0)
    .flatMap((encoding) => sizes.map((values) => printStep(context, shape, { encoding, values })));
}

function printStep(context: StepContext, shape: DenseShape, chunk: DenseChunk): PrintedStep {
  const { step, name } = context;
  const [ring] = context.inputs;
  const parameters = parametersOfKind('weighted', context.parameters);
  const { requantization } = parameters;
  const weights = packWeights(shape, chunk, parameters, rowOrder(ring));
  const multipliers = requantization
    ? [...requantization.multipliers].flatMap((multiplier) => littleEndian(multiplier, shape.multiplierBytes))
    : [];
  const tables = { weights: `weights_${name}`, multipliers: `multipliers_${name}` };
  const twin = printStationaryTwin(shape, chunk);
  const output = requantization ? outputOf(context) : undefined;
  return {
    description: `dense ${chunk.encoding.name} acc${shape.accumulatorBits}: ${chunk.values} values in registers`,
    tables: [
      { name: tables.weights, bytes: weights },
      ...(requantization ? [{ name: tables.multipliers, bytes: multipliers }] : []),
    ],
    parameterBytes: weights.length + multipliers.length,
    operands: [inputSlot(step, ring), ...(output ? [outputSlot(step, output)] : []), iterationNumber(step)],
    environment: (iteration) => ({ i: iteration }),
    twin: {
      declarations: [
        requantization ? printRequantize(`requantize_${name}`, requantization, shape.range) : '',
        twin.declarations,
      ]
        .filter(Boolean)
        .join('\n'),
      body: twin.body(ring, output),
    },
    emit: (frame) =>
      emitStationary(frame, shape, chunk, tables, {
        setRow: () => loadRowAddress(frame, X, ring, 'slot', 24),
        setOutput: () => loadRowAddress(frame, X, outputOf(context), 'out', 24),
      }),
  };
}

/** Biases; then row by row, in each chunk by chunk, the weights of all units. */
function packWeights(
  { rows, planes, values, units, bias: layout }: DenseShape,
  chunk: DenseChunk,
  { weights, bias }: WeightedParameters,
  order: readonly number[],
): number[] {
  const bytes = [...bias].flatMap((value) => packBias(value, layout));
  for (let row = 0; row < rows; row++) {
    for (let first = 0; first < planes * values; first += chunk.values) {
      const offsets = order.slice(first, first + chunk.values);
      for (let unit = 0; unit < units; unit++) {
        const run = offsets.map((offset) => weights[(unit * rows + row) * order.length + offset]);
        bytes.push(...chunk.encoding.pack(run, 1));
      }
    }
  }
  return bytes;
}
