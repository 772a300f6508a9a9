import { accumulatorBits } from '@sparrow/model';
import { X } from '../assembly/registers.ts';
import { outputOf, parametersOfKind, type PrintedStep, rangeOf, type StepContext } from '../context.ts';
import { emitGlobalAverage } from '../kernels/global-average-pool.ts';
import { largestMultiplier } from '../ranges.ts';
import { printRequantize } from '../requantization.ts';
import { ARENA, inputSlot, iterationNumber, loadRowAddress, outputSlot, rowPointer } from '../rows.ts';

/** Sums grow in RAM, row by row, without the bias, so that they need few bits. */
export function printGlobalAveragePoolStep(context: StepContext): PrintedStep {
  const { step, name, plan, index } = context;
  const output = outputOf(context);
  const accumulators = plan.accumulators[index];
  if (!accumulators) throw new Error(`${name}: no accumulators`);
  const [ring] = context.inputs;
  const { height, width, channels } = plan.shapes[step.inputs[0]];
  const { bias, requantization } = parametersOfKind('pool', context.parameters);
  const range = rangeOf(context);
  const multiplier = largestMultiplier(requantization);
  const body = `static uint32_t sums[${channels}];
if (i == 0) memset(sums, 0, sizeof sums);
const uint8_t *pixels = ${rowPointer(ring, 'slot')};
for (uint16_t channel = 0; channel < ${channels}; channel++, pixels += ${ring.channelStride}) {
  for (uint16_t column = 0; column < ${width}; column++) sums[channel] += pixels[column * ${ring.columnStride}];
}
if (i == ${height - 1}) {
  uint8_t *row = ${rowPointer(output, 'out')};
  for (uint16_t channel = 0; channel < ${channels}; channel++, row += ${output.channelStride}) {
    *row = requantize_${name}((int32_t)sums[channel] + INT32_C(${bias}), ${multiplier});
  }
}
`;
  return {
    description: 'global average',
    tables: [],
    parameterBytes: 0,
    operands: [inputSlot(step, ring), outputSlot(step, output), iterationNumber(step)],
    environment: (iteration) => ({ i: iteration }),
    twin: { declarations: printRequantize(`requantize_${name}`, requantization, range), body },
    emit(frame) {
      const shape = {
        ...{ rows: height, columns: width, channels, input: ring, output, bias, range },
        ...{ shift: requantization.shift, smallestMultiplier: multiplier, largestMultiplier: multiplier },
        accumulatorBytes: accumulatorBits(range) / 8,
        storedBytes: accumulators.bytes / channels,
        sums: `${ARENA} + ${accumulators.offset}`,
      };
      emitGlobalAverage(frame, shape, {
        setRow: () => loadRowAddress(frame, X, ring, 'slot', 24),
        setOutput: () => loadRowAddress(frame, X, output, 'out', 24),
      });
      return true;
    },
  };
}
