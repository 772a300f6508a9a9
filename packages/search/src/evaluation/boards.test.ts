import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadDataset, slice } from '@sparrow/datasets';
import { measureModel } from '@sparrow/hil';
import { describeWithOptiboot, startVirtualUno, tinyModel, type VirtualUno } from '@sparrow/hil/testing';
import { Boards, NoBoardError } from './boards.ts';

describeWithOptiboot('boards of a search', () => {
  const unos: VirtualUno[] = [];
  afterEach(() => Promise.all(unos.splice(0).map((uno) => uno.close())));

  test('measure side by side what the emulated chip does; one that goes is put aside, the last one ends it in one line', async () => {
    const { images, labels } = slice((await loadDataset('mnist')).validation, 0, 2);
    // Links, as the number of a pseudo-terminal that is gone may be given to another.
    const folder = mkdtempSync(join(tmpdir(), 'sparrow-boards-'));
    for (const name of ['a', 'b']) unos.push(await startVirtualUno({ link: join(folder, name) }));
    const paths = unos.map(({ path }) => path);
    const notes: string[] = [];
    const boards = new Boards(paths, (line) => notes.push(line));
    const measure = () => boards.measure(tinyModel, images, labels, 'mnist');

    const measured = await Promise.all([measure(), measure(), measure()]);
    expect(new Set(measured.map(({ device }) => device))).toEqual(new Set(paths));
    const { device: _, ...emulated } = await measureModel(tinyModel, images, labels, { dataset: 'mnist' });
    for (const { device: __, emulator, ...same } of measured) {
      expect(same).toEqual(emulated);
      expect(emulator).toEqual({ imagesWithOtherCycles: 0, largestCycleDifference: 0, stackDifferenceBytes: 0 });
    }
    expect(notes).toEqual([]);

    unos[0].unplug();
    for (const { device } of [await measure(), await measure()]) expect(device).toBe(paths[1]);
    expect(notes).toEqual([
      expect.stringMatching(`^${paths[0]} measures no more: there is no serial port ${paths[0]}`),
    ]);

    unos[1].unplug();
    const outcomes = await Promise.allSettled([measure(), measure()]);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(NoBoardError) });
      expect(String((outcome as PromiseRejectedResult).reason)).toMatch(/^[^\n]*no board is left[^\n]*--study$/);
    }
  });
});
