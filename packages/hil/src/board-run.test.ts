import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadDataset } from '@sparrow/datasets';
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
    const { emulator: _, board: __, ...same } = board;
    expect(same).toEqual({ ...emulated, device: uno.path });
    expect(await readdir(folder)).toEqual([]);
  });
});
