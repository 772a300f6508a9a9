import { accumulatorBits, type AveragePool, windowGeometry } from '@sparrow/model';
import { parametersOfKind, type PrintedStep, rangeOf, type StepContext } from '../context.ts';
import { largestMultiplier } from '../ranges.ts';
import { printRequantize } from '../requantization.ts';
import { openWindow, outputRow } from '../window.ts';

export function printAveragePoolStep(context: StepContext, layer: AveragePool): PrintedStep {
  const { step, name, output, plan } = context;
  if (!output) throw new Error(`${name}: a pool cannot give the logits`);
  const [ring] = context.inputs;
  const input = plan.shapes[step.inputs[0]];
  const { window, stride } = windowGeometry(layer, input);
  const { bias, requantization } = parametersOfKind('pool', context.parameters);
  const narrow = accumulatorBits(rangeOf(context)) === 16;
  const type = narrow ? 'int16_t' : 'int32_t';
  const body = `${openWindow(step, ring, input.height, 0).code}uint8_t *row = ${outputRow(step, output)};
for (uint16_t channel = 0; channel < ${output.channels}; channel++) {
  for (uint16_t column = 0; column < ${output.columns}; column++) {
    ${type} sum = ${narrow ? bias : `INT32_C(${bias})`};
    for (uint8_t line = 0; line < ${window.height}; line++) {
      const uint8_t *pixels = sparrow_window[line] + channel * ${ring.channelStride} + column * ${stride.width * ring.columnStride};
      for (uint16_t tap = 0; tap < ${window.width}; tap++) sum += pixels[tap * ${ring.columnStride}];
    }
    row[channel * ${output.channelStride} + column * ${output.columnStride}] = requantize_${name}(sum, ${largestMultiplier(requantization)});
  }
}
`;
  const declarations = printRequantize(`requantize_${name}`, requantization, rangeOf(context));
  return { declarations, body, parameterBytes: 0, windowRows: window.height };
}
