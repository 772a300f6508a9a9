import { type MaxPool, windowGeometry } from '@sparrow/model';
import { r, X } from '../assembly/registers.ts';
import { outputOf, type PrintedStep, type StepContext, type StepFrame } from '../context.ts';
import { emitFoldingMaxPool, emitMaxPool } from '../kernels/max-pool.ts';
import { foldMask, inputSlot, loadRowAddress, outputSlot, rowPointer } from '../rows.ts';
import { openWindow, openWindowInC } from '../window.ts';

/**
 * Windows that do not overlap vertically fold each row into the output as it comes, and the input's ring is one row;
 * others open a window.
 */
export function printMaxPoolStep(context: StepContext, layer: MaxPool): PrintedStep {
  const { step, plan } = context;
  const output = outputOf(context);
  const [ring] = context.inputs;
  const { window, stride } = windowGeometry(layer, plan.shapes[step.inputs[0]]);
  const folds = step.windowRows === 1 && step.rowsPerOutput === window.height;
  const { channels, columns } = output;
  const shape = { window, stride, channels, columns, input: ring, output };
  return {
    description: 'max-pool',
    tables: [],
    parameterBytes: 0,
    operands: [inputSlot(step, ring), outputSlot(step, output), ...(folds ? [foldMask(step)] : [])],
    twin: { declarations: '', body: printTwin(context, layer, folds) },
    windowRows: folds ? 0 : window.height,
    emit(frame) {
      const setOutput = (): void => loadRowAddress(frame, X, output, 'out', 24);
      if (folds) {
        const setRow = (): void => loadRowAddress(frame, X, ring, 'slot', 24);
        emitFoldingMaxPool(frame, shape, { setRow, setOutput, setMask: (register) => setMask(frame, register) });
      } else {
        frame.assembly.phase('borders', () => openWindow(frame, ring, 'slot', window.height, 0));
        setOutput();
        emitMaxPool(frame, shape);
      }
      return true;
    },
  };
}

function setMask({ assembly, operand }: StepFrame, register: number): void {
  const mask = operand('mask');
  if ('register' in mask) assembly.emit('mov', r(register), r(mask.register));
  else assembly.emit('ldi', r(register), mask.constant);
}

function printTwin({ step, plan, ...context }: StepContext, layer: MaxPool, folds: boolean): string {
  const output = outputOf({ step, plan, ...context });
  const [ring] = context.inputs;
  const { window, stride } = windowGeometry(layer, plan.shapes[step.inputs[0]]);
  const source = folds
    ? `const uint8_t *pixels = ${rowPointer(ring, 'slot')};\n`
    : openWindowInC(ring, String(window.height), 0);
  const from = `channel * ${ring.channelStride} + (column * ${stride.width} + tap) * ${ring.columnStride}`;
  const taps = (pixels: string) => `for (uint16_t tap = 0; tap < ${window.width}; tap++) {
      const uint8_t value = ${pixels}[${from}];
      if (value > highest) highest = value;
    }`;
  return `${source}uint8_t *row = ${rowPointer(output, 'out')};
for (uint16_t channel = 0; channel < ${output.channels}; channel++) {
  for (uint16_t column = 0; column < ${output.columns}; column++) {
    uint8_t *pixel = row + channel * ${output.channelStride} + column * ${output.columnStride};
    uint8_t highest = ${folds ? '*pixel & mask' : '0'};
    ${folds ? taps('pixels') : `for (uint8_t line = 0; line < ${window.height}; line++) ${taps('window[line]')}`}
    *pixel = highest;
  }
}
`;
}
