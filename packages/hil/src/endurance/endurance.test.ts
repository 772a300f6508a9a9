import { loadDataset } from '@sparrow/datasets';
import { tinyModel } from '../testing/tiny-model.ts';
import { describeWithOptiboot } from '../testing/with-optiboot.ts';
import { runThroughCuts } from './cuts.ts';
import { runThroughNoise } from './noise.ts';

/** With the full numbers: `nx run hil:endurance`. */
describeWithOptiboot('through a pseudo-terminal', () => {
  const IMAGE_BYTES = 28 * 28;
  let images: Uint8Array;
  beforeAll(async () => {
    images = (await loadDataset('mnist')).test.images;
  });

  test('frames that are damaged at random give no wrong answer', async () => {
    const count = 10;
    const result = await runThroughNoise(tinyModel, {
      images: images.subarray(0, count * IMAGE_BYTES),
      count,
      damagedFrames: 0.02,
      seed: 3,
    });
    expect(result).toMatchObject({ right: count, wrong: 0, errors: [], frames: 580 });
    expect(result.faults).toBeGreaterThan(5);
  });

  test('a cable that is pulled ends the run at once in one line, and no finished image is repeated', async () => {
    const count = 30;
    const { seconds, errors, repeated, run } = await runThroughCuts(tinyModel, {
      images: images.subarray(0, count * IMAGE_BYTES),
      count,
      cuts: 3,
      seed: 1,
    });
    expect(Math.max(...seconds)).toBeLessThan(5);
    for (const error of errors) {
      expect(error).toMatch(
        /^the board at \S+ was unplugged \(\d+ of 30 images are finished: the same command goes on from there\)$/,
      );
    }
    expect(repeated).toBe(0);
    expect(run.mismatchedLogits).toBe(0);
    expect(run.cycles).toEqual(new Uint32Array(count).fill(run.cycles[0]));
  });
});
