import fc from 'fast-check';
import { slice } from './split.ts';

test('slices that cut a split in two hold all of it, in order, in the same memory', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 9 }),
      fc.nat(),
      (count, imageBytes, seed) => {
        const split = {
          count,
          images: Uint8Array.from({ length: count * imageBytes }, (_, i) => i & 255),
          labels: Uint8Array.from({ length: count }, (_, i) => i),
        };
        const cut = seed % (count + 1);
        const parts = [slice(split, 0, cut), slice(split, cut, count)];
        expect(parts.flatMap((part) => [...part.images])).toEqual([...split.images]);
        expect(parts.flatMap((part) => [...part.labels])).toEqual([...split.labels]);
        expect(parts.every((part) => part.images.buffer === split.images.buffer)).toBe(true);
      },
    ),
  );
});

test('a range that is not within the split is refused', () => {
  const split = { count: 3, images: new Uint8Array(12), labels: new Uint8Array(3) };
  for (const [from, to] of [
    [-1, 2],
    [2, 1],
    [0, 4],
    [0.5, 2],
  ]) {
    expect(() => slice(split, from, to)).toThrow(RangeError);
  }
});
