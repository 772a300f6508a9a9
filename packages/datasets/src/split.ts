import type { Split } from './dataset.ts';

/**
 * Images `from` (included) to `to` (excluded) of a split, as views of the same memory.
 *
 * @throws RangeError if the range is not within the split
 */
export function slice(split: Split, from: number, to: number): Split {
  if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || from > to || to > split.count) {
    throw new RangeError(`images ${from} to ${to} are not within a split of ${split.count} images`);
  }
  const imageBytes = split.images.length / split.count;
  return {
    count: to - from,
    images: split.images.subarray(from * imageBytes, to * imageBytes),
    labels: split.labels.subarray(from, to),
  };
}
