import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { listDevices, type Port } from './list-ports.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sparrow-ports-'));
});
afterEach(() => rm(root, { recursive: true }));

async function plugIn(name: string, interfaceBelowDevice: string, ids: Record<string, string>): Promise<void> {
  const device = join(root, 'sys/devices/usb1', name);
  await mkdir(join(device, interfaceBelowDevice), { recursive: true });
  await Promise.all(Object.entries(ids).map(([file, text]) => writeFile(join(device, file), `${text}\n`)));
  await mkdir(join(root, 'sys/class/tty', name), { recursive: true });
  await symlink(join(device, interfaceBelowDevice), join(root, 'sys/class/tty', name, 'device'));
  await mkdir(join(root, 'dev'), { recursive: true });
  await writeFile(join(root, 'dev', name), '');
}

test('without udev, USB serial ports are found in /dev and their ids in /sys', async () => {
  await plugIn('ttyACM0', '1-1:1.0', { idVendor: '2341', idProduct: '0043', serial: '7573' });
  await plugIn('ttyUSB2', '1-2:1.0/ttyUSB2', { idVendor: '1a86', idProduct: '7523' });
  await writeFile(join(root, 'dev/ttyS0'), '');
  expect(await listDevices(root)).toEqual([
    { path: '/dev/ttyACM0', vendorId: '2341', productId: '0043', serialNumber: '7573' },
    { path: '/dev/ttyUSB2', vendorId: '1A86', productId: '7523', serialNumber: undefined },
  ]);
});

test('a computer without /dev or /sys has no ports', async () => {
  await expect(listDevices(join(root, 'nothing'))).resolves.toEqual([]);
});

test('without udevadm the ports are listed all the same, by their numbers', async () => {
  await plugIn('ttyACM10', '1-1:1.0', { idVendor: '2341', idProduct: '0043' });
  await plugIn('ttyACM9', '1-2:1.0', { idVendor: '2341', idProduct: '0001' });
  const script = `
    const { listPorts } = await import(${JSON.stringify(new URL('./list-ports.ts', import.meta.url).href)});
    console.log(JSON.stringify(await listPorts(${JSON.stringify(root)})));`;
  const { stdout } = await execa(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    env: { PATH: '' },
  });
  expect((JSON.parse(stdout) as Port[]).map(({ path }) => path)).toEqual(['/dev/ttyACM9', '/dev/ttyACM10']);
});
