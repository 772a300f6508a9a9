import fc from 'fast-check';
import { buildFirmware, type BuildOptions, type Firmware } from './build.ts';
import type { Device } from './device.ts';
import { encodeCommand } from './protocol.ts';
import { handWrittenNetwork, SUM_NETWORK, sumNetworkLogits } from './testing/hand-written.ts';

const ROWS = 5;
const ROW_BYTES = 7;

/** A device under test, and a way to put noise on the line to its chip. */
export interface DeviceUnderTest {
  readonly device: Device;
  disturb(garbage: Uint8Array): void;
}

/** What every `Device` must do, whatever the chip behind it is. `make` gets a firmware and returns a device that runs it. */
export function deviceContract(
  name: string,
  buildOptions: BuildOptions,
  make: (firmware: Firmware) => Promise<DeviceUnderTest>,
  images = 20,
): void {
  describe(`${name} as a device`, () => {
    let firmware: Firmware;
    let underTest: DeviceUnderTest;
    const image = fc.uint8Array({ minLength: ROWS * ROW_BYTES, maxLength: ROWS * ROW_BYTES });

    beforeAll(async () => {
      firmware = await buildFirmware(
        handWrittenNetwork({ ...SUM_NETWORK, rows: ROWS, rowBytes: ROW_BYTES }),
        buildOptions,
      );
      underTest = await make(firmware);
    });
    afterAll(() => underTest.device.close());

    test('says which firmware it runs', async () => {
      await expect(underTest.device.identify()).resolves.toEqual({
        modelId: 0x89abcdef,
        firmwareId: firmware.id,
        inputRows: ROWS,
        inputRowBytes: ROW_BYTES,
        classes: 2,
      });
    });

    test('answers every image with its logits, whatever came before', async () => {
      await fc.assert(
        fc.asyncProperty(image, async (pixels) => {
          const { logits } = await underTest.device.infer(pixels);
          expect([...logits]).toEqual(sumNetworkLogits(pixels, ROW_BYTES));
        }),
        { numRuns: images },
      );
    });

    test('takes the same cycles for the same image', async () => {
      const pixels = new Uint8Array(ROWS * ROW_BYTES).fill(77);
      const first = await underTest.device.infer(pixels);
      expect(first.cycles).toBeGreaterThan(ROWS * ROW_BYTES);
      await expect(underTest.device.infer(pixels)).resolves.toEqual(first);
    });

    test('refuses an image of another size, and goes on', async () => {
      await expect(underTest.device.infer(new Uint8Array(ROWS * ROW_BYTES + 1))).rejects.toThrow(
        /36 bytes.*5 rows of 7 bytes/,
      );
      const pixels = new Uint8Array(ROWS * ROW_BYTES).fill(1);
      expect([...(await underTest.device.infer(pixels)).logits]).toEqual(sumNetworkLogits(pixels, ROW_BYTES));
    });

    test('finds back after garbage on the line, half commands included', async () => {
      const halfCommand = fc.constantFrom<number[]>(
        [0xa5],
        [0xa5, 0x42],
        [...encodeCommand('begin'), 0xa5, 0x52, 1, 2, 3],
      );
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), halfCommand, image, async (noise, half, pixels) => {
          underTest.disturb(new Uint8Array([...noise, ...half]));
          await underTest.device.identify();
          expect([...(await underTest.device.infer(pixels)).logits]).toEqual(sumNetworkLogits(pixels, ROW_BYTES));
        }),
        { numRuns: images },
      );
    });

    test('knows its clock and its supply', async () => {
      const { clockMegahertz = 0, supplyVolts = 0 } = await underTest.device.checkUp();
      expect(clockMegahertz).toBeGreaterThan(0);
      expect(supplyVolts).toBeCloseTo(5, 1);
    });

    test('has a stack of a few bytes, by its paint', async () => {
      const bytes = await underTest.device.paintedStackBytes();
      expect(bytes).toBeGreaterThanOrEqual(4);
      expect(bytes).toBeLessThan(60);
    });
  });
}
