import { accumulatorBits } from '@sparrow/model';
import { X } from '../assembly/registers.ts';
import { outputOf, parametersOfKind, type PrintedStep, rangeOf, type StepContext } from '../context.ts';
import { emitAdd } from '../kernels/add.ts';
import { printRequantize } from '../requantization.ts';
import { inputSlot, loadRowAddress, outputSlot, rowPointer } from '../rows.ts';

/** Residual addition, row by row (docs/numerics.md §4). */
export function printAddStep(context: StepContext): PrintedStep {
  const { step, name } = context;
  const output = outputOf(context);
  const { multipliers, bias, shift } = parametersOfKind('add', context.parameters);
  const [a, b] = context.inputs;
  const range = rangeOf(context);
  const at = (ring: { columnStride: number; channelStride: number }) =>
    `[channel * ${ring.channelStride} + column * ${ring.columnStride}]`;
  const body = `const uint8_t *a = ${rowPointer(a, 'slot')};
const uint8_t *b = ${rowPointer(b, 'slot2')};
uint8_t *row = ${rowPointer(output, 'out')};
for (uint16_t channel = 0; channel < ${output.channels}; channel++) {
  for (uint16_t column = 0; column < ${output.columns}; column++) {
    const uint32_t sum = (uint32_t)a${at(a)} * ${multipliers[0]}u + (uint32_t)b${at(b)} * ${multipliers[1]}u + (uint32_t)INT32_C(${bias});
    row${at(output)} = requantize_${name}((int32_t)sum, 1);
  }
}
`;
  return {
    description: 'residual addition',
    tables: [],
    parameterBytes: 0,
    operands: [inputSlot(step, a), inputSlot(step, b, 'slot2'), outputSlot(step, output)],
    twin: {
      declarations: printRequantize(`requantize_${name}`, { multipliers: Uint16Array.of(1), shift }, range),
      body,
    },
    emit(frame) {
      const shape = {
        ...{ inputs: [a, b] as const, output, multipliers, bias, shift, range },
        accumulatorBytes: accumulatorBits(range) / 8,
      };
      emitAdd(frame, shape, {
        setRows: [() => loadRowAddress(frame, X, a, 'slot', 24), () => loadRowAddress(frame, X, b, 'slot2', 24)],
        setOutput: () => loadRowAddress(frame, X, output, 'out', 24),
      });
      return true;
    },
  };
}
