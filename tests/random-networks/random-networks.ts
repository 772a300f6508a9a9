import { measureModel } from '@sparrow/hil';
import { shapeSize, type Model } from '@sparrow/model';
import { randomImage, randomModel, seededRandom } from '@sparrow/model/testing';

/** Networks that are checked, in parts: a part is a test file, so that they run beside each other. */
export const NETWORKS = 240;
const PARTS = 4;

export function networkOf(seed: number): Model {
  return randomModel(seed);
}

/** Any image, then what drives sums to one end, then to the other. */
function imagesFor({ architecture: { input } }: Model, seed: number): Uint8Array {
  const random = seededRandom(seed);
  const images = [randomImage(input, random), randomImage(input, random, 'full'), randomImage(input, random, 'noise')];
  const all = new Uint8Array(images.length * shapeSize(input));
  images.forEach((image, index) => all.set(image, index * image.length));
  return all;
}

/**
 * Declares the tests of one part: random networks through generator, avr-gcc and emulated chip; every logit has to be the
 * reference interpreter's. A seed that fails is found again by `randomModel(seed)`.
 */
export function testRandomNetworks(part: number): void {
  const seeds = Array.from({ length: NETWORKS / PARTS }, (_, index) => part + index * PARTS);
  test.each(seeds)('network %i computes on the chip what the interpreter does', async (seed) => {
    const model = networkOf(seed);
    const measurement = await measureModel(model, imagesFor(model, seed), new Uint8Array(3), {
      dataset: 'random',
      jobs: 1,
    });
    expect(measurement.mismatchedLogits).toBe(0);
  });
}
