import { parametersOfKind, type PrintedStep, rangeOf, type StepContext } from '../context.ts';
import { printRequantize } from '../requantization.ts';
import { outputRow } from '../window.ts';
import { rowPointer } from '../context.ts';

/** Residual addition, row by row (docs/numerics.md §4). */
export function printAddStep(context: StepContext): PrintedStep {
  const { step, name, output, plan } = context;
  if (!output) throw new Error(`${name}: an addition cannot give the logits`);
  const { multipliers, bias, shift } = parametersOfKind('add', context.parameters);
  const [a, b] = context.inputs;
  const [m0, m1] = multipliers;
  const { height } = plan.shapes[step.inputs[0]];
  const at = (ring: { columnStride: number; channelStride: number }) =>
    `[(uint16_t)channel * ${ring.channelStride} + column * ${ring.columnStride}]`;
  const requantization = { multipliers: Uint16Array.of(1), shift };
  const body = `const uint8_t *a = ${rowPointer(a, 'i', height)};
const uint8_t *b = ${rowPointer(b, 'i', height)};
uint8_t *row = ${outputRow(step, output)};
for (uint16_t channel = 0; channel < ${output.channels}; channel++) {
  for (uint16_t column = 0; column < ${output.columns}; column++) {
    const uint32_t sum = (uint32_t)a${at(a)} * ${m0} + (uint32_t)b${at(b)} * ${m1} + (uint32_t)INT32_C(${bias});
    row${at(output)} = requantize_${name}((int32_t)sum, 1);
  }
}
`;
  const declarations = printRequantize(`requantize_${name}`, requantization, rangeOf(context));
  return { declarations, body, parameterBytes: 0 };
}
