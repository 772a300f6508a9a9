import { accumulatorBits, type AveragePool, windowGeometry } from '@sparrow/model';
import { X } from '../assembly/registers.ts';
import { outputOf, parametersOfKind, type PrintedStep, rangeOf, type StepContext } from '../context.ts';
import { emitAveragePool } from '../kernels/average-pool.ts';
import { largestMultiplier } from '../ranges.ts';
import { printRequantize } from '../requantization.ts';
import { inputSlot, loadRowAddress, outputSlot, rowPointer } from '../rows.ts';
import { openWindow, openWindowInC } from '../window.ts';

export function printAveragePoolStep(context: StepContext, layer: AveragePool): PrintedStep {
  const { step, name, plan } = context;
  const output = outputOf(context);
  const [ring] = context.inputs;
  const { window, stride } = windowGeometry(layer, plan.shapes[step.inputs[0]]);
  const { bias, requantization } = parametersOfKind('pool', context.parameters);
  const range = rangeOf(context);
  const multiplier = largestMultiplier(requantization);
  const body = `${openWindowInC(ring, String(window.height), 0)}uint8_t *row = ${rowPointer(output, 'out')};
for (uint16_t channel = 0; channel < ${output.channels}; channel++) {
  for (uint16_t column = 0; column < ${output.columns}; column++) {
    int32_t sum = INT32_C(${bias});
    for (uint8_t line = 0; line < ${window.height}; line++) {
      const uint8_t *pixels = window[line] + channel * ${ring.channelStride} + column * ${stride.width * ring.columnStride};
      for (uint16_t tap = 0; tap < ${window.width}; tap++) sum += pixels[tap * ${ring.columnStride}];
    }
    row[channel * ${output.channelStride} + column * ${output.columnStride}] = requantize_${name}(sum, ${multiplier});
  }
}
`;
  return {
    description: 'average pool',
    tables: [],
    parameterBytes: 0,
    operands: [inputSlot(step, ring), outputSlot(step, output)],
    twin: { declarations: printRequantize(`requantize_${name}`, requantization, range), body },
    windowRows: window.height,
    emit(frame) {
      frame.assembly.phase('borders', () => openWindow(frame, ring, 'slot', window.height, 0));
      loadRowAddress(frame, X, output, 'out', 24);
      emitAveragePool(frame, {
        ...{ window, stride, input: ring, output, bias, range, shift: requantization.shift },
        ...{
          channels: output.channels,
          columns: output.columns,
          smallestMultiplier: multiplier,
          largestMultiplier: multiplier,
        },
        accumulatorBits: accumulatorBits(range),
      });
      return true;
    },
  };
}
