import { readdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { SerialPort } from 'serialport';

/** A serial port of this computer; the USB ids are four hexadecimal digits in capitals, absent if it hangs on no USB. */
export interface Port {
  readonly path: string;
  readonly vendorId?: string;
  readonly productId?: string;
  readonly serialNumber?: string;
}

/** The serial ports there are, by path. Without udev (containers), or without its program, from what Linux itself says. */
export async function listPorts(systemRoot = '/'): Promise<Port[]> {
  const ports = await listThroughSerialport().catch(() => listDevices(systemRoot));
  return ports.sort((a, b) => a.path.localeCompare(b.path, 'en', { numeric: true }));
}

async function listThroughSerialport(): Promise<Port[]> {
  const found = await SerialPort.list();
  return found.map(({ path, vendorId, productId, serialNumber }) => ({
    path,
    vendorId: vendorId?.toUpperCase(),
    productId: productId?.toUpperCase(),
    serialNumber,
  }));
}

/** USB serial ports in /dev: ttyACM* is a USB modem (the Uno's own chip), ttyUSB* an adapter (CH340, FTDI). */
export async function listDevices(systemRoot: string): Promise<Port[]> {
  const names = await readdir(join(systemRoot, 'dev')).catch(() => []);
  return Promise.all(
    names
      .filter((name) => /^tty(ACM|USB)\d+$/.test(name))
      .map(async (name) => ({ path: `/dev/${name}`, ...(await readUsbIds(join(systemRoot, 'sys/class/tty', name))) })),
  );
}

/** A tty's device is a USB interface, or below one; the USB device above it has the ids. */
async function readUsbIds(tty: string): Promise<Omit<Port, 'path'>> {
  let folder = await realpath(join(tty, 'device')).catch(() => undefined);
  for (let height = 0; folder !== undefined && height < 3; height++, folder = join(folder, '..')) {
    const vendorId = await readAttribute(folder, 'idVendor');
    if (vendorId === undefined) continue;
    return {
      vendorId: vendorId.toUpperCase(),
      productId: (await readAttribute(folder, 'idProduct'))?.toUpperCase(),
      serialNumber: await readAttribute(folder, 'serial'),
    };
  }
  return {};
}

function readAttribute(folder: string, name: string): Promise<string | undefined> {
  return readFile(join(folder, name), 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
}
