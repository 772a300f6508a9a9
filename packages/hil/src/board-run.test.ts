import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadDataset } from '@sparrow/datasets';
import { runOnDevice } from './board-run.ts';
import { buildModel } from './build-model.ts';
import type { Device } from './device.ts';
import { RunJournal } from './run-journal.ts';
import { openSerialDevice } from './serial-device.ts';
import { tinyModel as model } from './testing/tiny-model.ts';
import { describeWithOptiboot } from './testing/with-optiboot.ts';
import { verify } from './verify.ts';
import { startVirtualUno, type VirtualUno } from './virtual-uno/index.ts';

describeWithOptiboot('a run on a board', () => {
  let folder: string;
  let uno: VirtualUno;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sparrow-board-run-'));
    uno = await startVirtualUno();
  });
  afterEach(async () => {
    await uno.close();
    await rm(folder, { recursive: true });
  });

  test('from a blank chip: flashed, and measured as the emulator does it', async () => {
    const dataset = await loadDataset('mnist');
    const board = await verify(model, dataset, { images: 30, device: uno.path, journalFolder: folder });
    expect(board).toMatchObject({
      mismatchedLogits: 0,
      emulator: { imagesWithOtherCycles: 0, largestCycleDifference: 0, stackDifferenceBytes: 0 },
    });
    const emulated = await verify(model, dataset, { images: 30, device: 'avr8js' });
    const { emulator: _, ...same } = board;
    expect(same).toEqual({ ...emulated, device: uno.path });
    expect(await readdir(folder)).toEqual([]);
  });

  test('whose cable is pulled ends at once in one line; the next one repeats no finished image', async () => {
    const { test } = await loadDataset('mnist');
    const count = 30;
    const images = test.images.subarray(0, count * 28 * 28);
    const { firmware } = await buildModel(model);
    const inferred: number[] = [];
    let pulled = 0;
    const pull = (): void => {
      pulled = performance.now();
      uno.unplug();
    };
    const start = async (pullAfter: number) => {
      const device = await openSerialDevice(uno.path, firmware, { rowMilliseconds: 100 });
      const counting: Device = {
        ...bound(device),
        infer: async (image) => {
          const answer = await device.infer(image);
          inferred.push(image.byteOffset / image.length);
          if (inferred.length === pullAfter) setTimeout(pull, 3);
          return answer;
        },
      };
      const journal = new RunJournal(folder, { firmwareId: firmware.id, dataset: 'mnist', images, count });
      return runOnDevice(counting, model, images, count, { journal }).finally(() => {
        journal.close(false);
        return device.close();
      });
    };
    for (const pullAfter of [7, 20]) {
      await expect(start(pullAfter)).rejects.toThrow(
        /^the board at \S+ was unplugged \(\d+ of 30 images are finished: the same command goes on from there\)$/,
      );
      expect(performance.now() - pulled).toBeLessThan(5_000);
      uno.plugIn();
    }
    const run = await start(Infinity);
    expect(run.mismatchedLogits).toBe(0);
    const finished = new Set(inferred);
    expect(finished.size).toBe(count);
    // An answer that came, but was not yet written down when the cable was pulled, is asked for again.
    expect(inferred.length).toBeLessThanOrEqual(count + 2);
  });
});

function bound(device: Device): Device {
  return {
    name: device.name,
    identify: () => device.identify(),
    infer: (image) => device.infer(image),
    paintedStackBytes: () => device.paintedStackBytes(),
    close: () => device.close(),
  };
}
