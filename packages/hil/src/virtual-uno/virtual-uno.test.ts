import { execa } from 'execa';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAvr8jsDevice } from '../avr8js-device.ts';
import { buildFirmware, BOARD_BAUD_RATE, type Firmware } from '../build.ts';
import { openSerialDevice } from '../serial-device.ts';
import { handWrittenNetwork, SUM_NETWORK } from '../testing/hand-written.ts';
import { startVirtualUno, type VirtualUno, type VirtualUnoOptions } from './index.ts';
import { findOptiboot } from './optiboot.ts';

async function upload(path: string, hex: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sparrow-test-'));
  const hexPath = join(folder, 'firmware.hex');
  await writeFile(hexPath, hex);
  const line = ['-c', 'arduino', '-p', 'm328p', '-P', path, '-b', '115200', '-D'];
  await execa('avrdude', [...line, '-U', `flash:w:${hexPath}:i`]);
  await rm(folder, { recursive: true });
}

const withOptiboot = findOptiboot() === undefined ? describe.skip : describe;
if (findOptiboot() === undefined) console.warn('the virtual Uno is not tested: apt install arduino-core-avr');

withOptiboot('the virtual Uno', () => {
  const unos: VirtualUno[] = [];
  const plugIn = async (options: VirtualUnoOptions = {}): Promise<VirtualUno> => {
    const uno = await startVirtualUno(options);
    unos.push(uno);
    return uno;
  };
  let firmware: Firmware;
  beforeAll(async () => {
    firmware = await buildFirmware(handWrittenNetwork(SUM_NETWORK), { baudRate: BOARD_BAUD_RATE });
  });
  afterEach(() => Promise.all(unos.splice(0).map((uno) => uno.close())));

  test.each(['fast', 'real'] as const)(
    'pace %s: avrdude flashes a blank chip and reads back; the program runs, with the cycles of the emulator',
    async (pace) => {
      const { path } = await plugIn({ pace });
      await upload(path, firmware.hex);
      const device = await openSerialDevice(path, firmware);
      const emulated = createAvr8jsDevice(firmware);
      for (const fill of [0, 9, 255]) {
        const image = new Uint8Array(24).fill(fill);
        await expect(device.infer(image)).resolves.toEqual(await emulated.infer(image));
      }
      await device.close();
    },
  );
});
