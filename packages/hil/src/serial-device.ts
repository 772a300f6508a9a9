import { once } from 'node:events';
import { SerialPort } from 'serialport';
import { flashUno } from './avrdude.ts';
import type { Firmware } from './build.ts';
import type { Device, DeviceIdentity } from './device.ts';
import { listPorts } from './ports/list-ports.ts';
import { ProtocolDevice, type Transport } from './protocol-device.ts';

export interface SerialDeviceOptions {
  /** Puts a firmware onto the board; default: avrdude. */
  readonly flash?: (port: string, hex: string) => Promise<void>;
  /** Called before the board is flashed, because it runs something else. */
  readonly onFlash?: () => void;
}

/** Silence that means that an answer got lost. `long` allows for a row's computation, `short` for none. */
const PATIENCE_MILLISECONDS = { short: 400, long: 10_000 } as const;

/** Opening the port resets an Uno; its bootloader listens for about a second before it starts the program. */
const IDENTIFY_ATTEMPTS = 8;
const ATTEMPTS = 3;

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
  const found = await connect(path, firmware.baudRate);
  if (found.identity?.firmwareId === firmware.id) return found.device;
  await found.device.close();
  options.onFlash?.();
  await (options.flash ?? flashUno)(path, firmware.hex);

  const flashed = await connect(path, firmware.baudRate);
  if (flashed.identity?.firmwareId === firmware.id) return flashed.device;
  await flashed.device.close();
  throw new Error(`the board at ${path} was flashed, but does not run the firmware: is it an Uno with an ATmega328P?`);
}

/** `identity` is absent if what runs there does not speak the protocol. */
async function connect(path: string, baudRate: number): Promise<{ device: Device; identity?: DeviceIdentity }> {
  const device = new ProtocolDevice(await openTransport(path, baudRate), {
    attempts: ATTEMPTS,
    identifyAttempts: IDENTIFY_ATTEMPTS,
  });
  try {
    return { device, identity: await device.identify() };
  } catch {
    return { device };
  }
}

async function openTransport(path: string, baudRate: number): Promise<Transport> {
  const port = new SerialPort({ path, baudRate, autoOpen: false });
  await new Promise<void>((resolve, reject) => {
    port.open((error) => (error === null ? resolve() : reject(error)));
  }).catch(async (error: Error) => {
    throw new Error(`cannot open ${path}: ${error.message}; ${await advice(error.message)}`);
  });

  let heard = (): void => {};
  const transport: Transport = {
    name: path,
    onByte: () => {},
    send: (bytes) => void port.write(Buffer.from(bytes)),
    listen: (done, patience) => {
      const milliseconds = PATIENCE_MILLISECONDS[patience];
      return new Promise((resolve, reject) => {
        const finish = (answered: boolean): void => {
          clearTimeout(timer);
          port.off('close', lost);
          heard = () => {};
          resolve(answered);
        };
        const lost = (): void => {
          clearTimeout(timer);
          reject(new Error(`the board at ${path} was unplugged`));
        };
        const timer = setTimeout(() => finish(false), milliseconds);
        heard = () => {
          timer.refresh();
          if (done()) finish(true);
        };
        port.once('close', lost);
        if (done()) finish(true);
      });
    },
    close: async () => {
      if (!port.isOpen) return;
      port.close();
      await once(port, 'close');
    },
  };
  port.on('error', () => port.close());
  port.on('data', (bytes: Buffer) => {
    for (const byte of bytes) transport.onByte(byte);
    heard();
  });
  return transport;
}

async function advice(complaint: string): Promise<string> {
  if (/permission|access denied/i.test(complaint)) {
    return 'on Linux, add yourself to the group that owns it (`sudo usermod -aG dialout $USER`) and log in again';
  }
  const ports = (await listPorts()).filter(({ vendorId }) => vendorId !== undefined).map(({ path }) => path);
  return ports.length === 0 ? 'no USB serial port was found: is the board plugged in?' : `there is ${ports.join(', ')}`;
}
