import { predict } from '@sparrow/codegen';
import type { Model } from '@sparrow/model';
import { millisecondsOf } from './atmega328p.ts';
import { BOARD_BAUD_RATE, type Firmware } from './build.ts';
import { buildModel } from './build-model.ts';
import type { Device } from './device.ts';
import { openSerialDevice, type SerialDeviceOptions } from './serial-device.ts';

export interface BoardOptions extends Omit<SerialDeviceOptions, 'rowMilliseconds'> {
  /** Of the serial line; default: `BOARD_BAUD_RATE`. */
  readonly baudRate?: number;
}

export interface OpenBoard {
  readonly device: Device;
  readonly firmware: Firmware;
}

/**
 * The board at a serial port, made to run a model.
 *
 * @throws DoesNotFitError; Error in one line, if the port cannot be opened or the board cannot be made to run the model
 */
export async function openBoard(model: Model, path: string, options: BoardOptions = {}): Promise<OpenBoard> {
  const { firmware } = await buildModel(model, { baudRate: options.baudRate ?? BOARD_BAUD_RATE });
  // No row takes longer than the whole image.
  const rowMilliseconds = millisecondsOf(predict(model).cycles);
  const device = await openSerialDevice(path, firmware, { ...options, rowMilliseconds });
  return { device, firmware };
}
