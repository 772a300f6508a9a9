import { type MaxPool, windowGeometry } from '@sparrow/model';
import { type PrintedStep, rowPointer, type StepContext } from '../context.ts';
import { openWindow, outputRow } from '../window.ts';

/**
 * Windows that do not overlap vertically fold each row into the output as it comes, and the input's ring is one row;
 * others open a window.
 */
export function printMaxPoolStep(context: StepContext, layer: MaxPool): PrintedStep {
  const { step, name, output, plan } = context;
  if (!output) throw new Error(`${name}: a pool cannot give the logits`);
  const [ring] = context.inputs;
  const input = plan.shapes[step.inputs[0]];
  const { window, stride } = windowGeometry(layer, input);
  const folds = step.windowRows === 1 && step.rowsPerOutput === window.height;
  const source = folds
    ? `const uint8_t *pixels = ${rowPointer(ring, 'i', input.height)};\n`
    : openWindow(step, ring, input.height, 0).code;
  const initial = folds && window.height > 1 ? `i % ${window.height} == 0 ? 0 : *pixel` : '0';
  const from = `channel * ${ring.channelStride} + (column * ${stride.width} + tap) * ${ring.columnStride}`;
  const taps = (pixels: string) => `for (uint16_t tap = 0; tap < ${window.width}; tap++) {
      const uint8_t value = ${pixels}[${from}];
      if (value > highest) highest = value;
    }`;
  const body = `${source}uint8_t *row = ${outputRow(step, output)};
for (uint16_t channel = 0; channel < ${output.channels}; channel++) {
  for (uint16_t column = 0; column < ${output.columns}; column++) {
    uint8_t *pixel = row + channel * ${output.channelStride} + column * ${output.columnStride};
    uint8_t highest = ${initial};
    ${folds ? taps('pixels') : `for (uint8_t line = 0; line < ${window.height}; line++) ${taps('sparrow_window[line]')}`}
    *pixel = highest;
  }
}
`;
  return { declarations: '', body, parameterBytes: 0, windowRows: folds ? 0 : window.height };
}
