import { flashWithAvrdude } from './avrdude.ts';
import type { Firmware } from './build.ts';
import type { Device, DeviceIdentity } from './device.ts';
import type { Patience } from './exchange.ts';
import { flashUno, type FlashProgress } from './flash/flash-uno.ts';
import { SerialLine } from './ports/serial-line.ts';
import { serialTransport } from './ports/serial-transport.ts';
import { ProtocolDevice } from './protocol-device.ts';

/** `own`: packages/hil/src/flash; `avrdude`: the program of that name. */
export const PROGRAMMERS = ['own', 'avrdude'] as const;
export type Programmer = (typeof PROGRAMMERS)[number];

export interface SerialDeviceOptions {
  /** Whether a board that runs something else is flashed; default: true. */
  readonly flash?: boolean;
  /** Default: `own`. */
  readonly programmer?: Programmer;
  /** Called before the board is flashed, because it runs something else. */
  readonly onFlash?: () => void;
  readonly onFlashProgress?: FlashProgress;
  /** What the longest row may take; default: 10 s, more than any row that fits. */
  readonly rowMilliseconds?: number;
}

const LONGEST_ROW_MILLISECONDS = 10_000;

/** Opening the port resets an Uno; its bootloader listens for about a second before it starts the program. */
const STARTING: readonly Patience[] = new Array<Patience>(8).fill('short');

/**
 * The board at a serial port such as `/dev/ttyACM0`, running `firmware`: it is flashed if it does not run it already.
 *
 * @throws Error in one line, if the port cannot be opened or the board cannot be made to run the firmware
 */
export async function openSerialDevice(
  path: string,
  firmware: Firmware,
  options: SerialDeviceOptions = {},
): Promise<Device> {
  const line = await SerialLine.open(path, firmware.baudRate);
  try {
    if (await runs(line, firmware)) return createDevice(line, options);
    if (options.flash === false) throw foreignFirmware(path);
    options.onFlash?.();
    await program(line, firmware.hex, options);
    await line.setBaudRate(firmware.baudRate);
    if (await runs(line, firmware)) return createDevice(line, options);
    throw new Error(
      `the board at ${path} was flashed, but does not answer as the firmware should: is its crystal one of 16 MHz, is nothing wired to its pins 0 and 1?`,
    );
  } catch (error) {
    await line.close();
    throw error;
  }
}

/**
 * Flashes a board, whatever it runs.
 *
 * @throws Error in one line, if the port cannot be opened or the bootloader does not do it
 */
export async function flashBoard(
  path: string,
  hex: string,
  options: Pick<SerialDeviceOptions, 'programmer' | 'onFlashProgress'> = {},
): Promise<void> {
  const line = await SerialLine.open(path, BOOTLOADER_BAUD_RATE);
  try {
    await program(line, hex, options);
  } finally {
    await line.close();
  }
}

/** @throws Error in one line, if the port cannot be opened */
export async function checkPort(path: string): Promise<void> {
  const line = await SerialLine.open(path, BOOTLOADER_BAUD_RATE);
  await line.close();
}

const BOOTLOADER_BAUD_RATE = 115_200;

async function program(line: SerialLine, hex: string, options: SerialDeviceOptions): Promise<void> {
  if (options.programmer !== 'avrdude') return flashUno(line, hex, options.onFlashProgress);
  await line.lend(() => flashWithAvrdude(line.path, hex));
}

/** Whether the chip behind the line says that it runs this firmware; what runs there need not speak the protocol. */
async function runs(line: SerialLine, firmware: Firmware): Promise<boolean> {
  try {
    return (await identify(line)).firmwareId === firmware.id;
  } catch (error) {
    if (line.lost) throw error;
    return false;
  }
}

function identify(line: SerialLine): Promise<DeviceIdentity> {
  return new ProtocolDevice(serialTransport(line, 0)).identify(STARTING);
}

function createDevice(line: SerialLine, { rowMilliseconds = LONGEST_ROW_MILLISECONDS }: SerialDeviceOptions): Device {
  return new ProtocolDevice(serialTransport(line, rowMilliseconds));
}

function foreignFirmware(path: string): Error {
  return new Error(
    `the board at ${path} does not run this model's firmware but another program: allow that it is replaced (no --no-flash)`,
  );
}
