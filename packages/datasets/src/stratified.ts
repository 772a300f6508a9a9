import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/**
 * Draws `perClass` images of every class, without replacement: a partial Fisher–Yates shuffle of each class's images, by one
 * generator for all classes in order.
 *
 * @returns for each image whether it was drawn (1) or not (0)
 * @throws RangeError if a class has fewer images
 */
export function drawStratified(labels: Uint8Array, classes: number, perClass: number, seed: number): Uint8Array {
  const generator = xoroshiro128plus(seed);
  const drawn = new Uint8Array(labels.length);
  for (let label = 0; label < classes; label++) {
    const members = [...labels.keys()].filter((image) => labels[image] === label);
    if (members.length < perClass) throw new RangeError(`class ${label} has ${members.length} images, not ${perClass}`);
    for (let i = 0; i < perClass; i++) {
      const j = uniformInt(generator, i, members.length - 1);
      drawn[members[j]] = 1;
      members[j] = members[i];
    }
  }
  return drawn;
}
