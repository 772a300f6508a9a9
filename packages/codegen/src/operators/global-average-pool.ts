import { parametersOfKind, type PrintedStep, rangeOf, rowPointer, type StepContext } from '../context.ts';
import { largestMultiplier } from '../ranges.ts';
import { printRequantize } from '../requantization.ts';

/** Sums grow in RAM, row by row, without the bias, so that they need few bits. */
export function printGlobalAveragePoolStep(context: StepContext): PrintedStep {
  const { step, name, output, plan, index } = context;
  const accumulators = plan.accumulators[index];
  if (!output || !accumulators) throw new Error(`${name}: a global average cannot give the logits`);
  const [ring] = context.inputs;
  const { height, width, channels } = plan.shapes[step.inputs[0]];
  const { bias, requantization } = parametersOfKind('pool', context.parameters);
  const type = accumulators.bytes === 2 * channels ? 'total16' : 'total32';
  const sums = `((${type} *)(arena + ${accumulators.offset}))`;
  const body = `if (i == 0) memset(${sums}, 0, ${accumulators.bytes});
${type} *sum = ${sums};
const uint8_t *pixels = ${rowPointer(ring, 'i', height)};
for (uint16_t channel = 0; channel < ${channels}; channel++, pixels += ${ring.channelStride}, sum++) {
  for (uint16_t column = 0; column < ${width}; column++) *sum += pixels[column * ${ring.columnStride}];
}
if (i == ${height - 1}) {
  uint8_t *row = ${rowPointer(output, '0', 1)};
  for (uint16_t channel = 0; channel < ${channels}; channel++, row += ${output.channelStride}) {
    *row = requantize_${name}((int32_t)${sums}[channel] + INT32_C(${bias}), ${largestMultiplier(requantization)});
  }
}
`;
  const declarations = printRequantize(`requantize_${name}`, requantization, rangeOf(context));
  return { declarations, body, parameterBytes: 0 };
}
