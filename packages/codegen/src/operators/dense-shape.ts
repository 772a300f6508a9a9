import { accumulatorBits, type Dense, type Ring } from '@sparrow/model';
import { outputOf, parametersOfKind, rangeOf, type StepContext, tieOfStep } from '../context.ts';
import type { DenseShape, RowPlanes } from '../kernels/dense/shape.ts';
import { ARENA } from '../rows.ts';

export function resolveDenseShape(context: StepContext, layer: Dense): DenseShape {
  const { plan, step, name } = context;
  const [ring] = context.inputs;
  const accumulators = plan.accumulators[context.index];
  if (!accumulators) throw new Error(`${name}: no accumulators`);
  const { requantization } = parametersOfKind('weighted', context.parameters);
  const range = rangeOf(context);
  const { members, position } = tieOfStep(context);
  const own = members[position];
  return {
    layerName: name,
    units: layer.units,
    rows: plan.shapes[step.inputs[0]].height,
    ...planesOf(ring),
    accumulatorBits: accumulatorBits(range),
    range,
    storedBytes: (accumulators.bytes / layer.units) as 2 | 3 | 4,
    sums: `${ARENA} + ${accumulators.offset}`,
    requantization,
    bias: own.bias,
    multiplierBytes: own.multiplier.bytes,
    outputStride: requantization ? outputOf(context).channelStride : 0,
  };
}

/** One plane where the values of a row lie side by side and a byte counts them. */
function planesOf(ring: Ring): RowPlanes {
  const { columns, channels, columnStride, channelStride } = ring;
  const values = columns * channels;
  const adjacent = columnStride !== 1 || channelStride === columns || channels === 1;
  if (adjacent && values < 256) return { planes: 1, values, stride: values };
  if (columnStride !== 1) return { planes: columns, values: channels, stride: columnStride };
  return { planes: channels, values: columns, stride: channelStride };
}

/** Offsets (column, channel flattened) of the values of an input row, in the order in which they lie in RAM. */
export function rowOrder({ columns, channels, columnStride }: Ring): number[] {
  if (columnStride !== 1) return Array.from({ length: columns * channels }, (_, index) => index);
  return Array.from({ length: channels }, (_, k) => Array.from({ length: columns }, (_, c) => c * channels + k)).flat();
}
