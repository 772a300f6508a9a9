import type { Architecture, Shape } from '../architecture.ts';
import { ModelError } from '../errors.ts';
import { formatSize, shapeSize } from '../shapes.ts';
import { LARGEST_SIDE, levelOf, momentsOf } from './moments.ts';
import { placementOf } from './normalization.ts';
import { resample } from './resample.ts';

/**
 * Images `[image][row][column][channel]` as the first layer reads them: those that came, or their normalised copies (docs/numerics.md §8).
 */
export function preprocess({ input, preprocessing }: Architecture, images: Uint8Array): Uint8Array {
  if (preprocessing === undefined) return images;
  const size = shapeSize(input);
  const normalised = new Uint8Array(images.length);
  for (let start = 0; start < images.length; start += size) {
    normaliseMoments(images.subarray(start, start + size), input, normalised.subarray(start, start + size));
  }
  return normalised;
}

function normaliseMoments(image: Uint8Array, shape: Shape, output: Uint8Array): void {
  const levels = image.map(levelOf);
  resample(levels, shape, placementOf(momentsOf(levels, shape), shape), output);
}

/** Whether images of this shape can be normalised: one channel, and no side too large for the chip's sums. */
export function canBeNormalised({ height, width, channels }: Shape): boolean {
  return channels === 1 && Math.max(height, width) <= LARGEST_SIDE;
}

/** @throws ModelError if images of this shape cannot be preprocessed as the architecture says */
export function checkPreprocessing({ input, preprocessing }: Architecture): void {
  if (preprocessing === undefined || canBeNormalised(input)) return;
  throw new ModelError(
    `input ${formatSize(input)}: preprocessing '${preprocessing}' takes images of one channel, of at most ${LARGEST_SIDE}×${LARGEST_SIDE}`,
  );
}
