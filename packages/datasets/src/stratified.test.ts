import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { drawStratified } from './stratified.ts';

const count = (labels: Uint8Array, drawn: Uint8Array, label: number): number =>
  drawn.filter((flag, image) => flag === 1 && labels[image] === label).length;

test('exactly so many of each class are drawn, and the same ones with the same seed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ max: 3, minLength: 1, maxLength: 200 }), fc.integer(), (labels, seed) => {
      const sizes = [0, 1, 2, 3].map((label) => labels.filter((other) => other === label).length);
      const perClass = Math.min(...sizes);
      const drawn = drawStratified(labels, 4, perClass, seed);
      expect([0, 1, 2, 3].map((label) => count(labels, drawn, label))).toEqual([0, 1, 2, 3].map(() => perClass));
      expect(drawStratified(labels, 4, perClass, seed)).toEqual(drawn);
      expect(() => drawStratified(labels, 4, perClass + 1, seed)).toThrow(RangeError);
    }),
  );
});

test('every image of a class is drawn equally often', () => {
  const labels = new Uint8Array(10);
  const times = new Array<number>(10).fill(0);
  for (let seed = 0; seed < 4_000; seed++) {
    drawStratified(labels, 1, 3, seed * 7_919).forEach((flag, image) => (times[image] += flag));
  }
  // 1,200 expected; the standard deviation is 29.
  for (const drawn of times) expect(Math.abs(drawn - 1_200)).toBeLessThan(145);
});

test('a draw stays what it is: published splits depend on it', () => {
  const labels = Uint8Array.from({ length: 50_000 }, (_, image) => image % 10);
  const drawn = drawStratified(labels, 10, 500, 10);
  expect(createHash('sha256').update(drawn).digest('hex')).toBe(
    '81d6866ae7b502cab11ff1f1c900c60221b6e61613dfed6a934d459be2ea6f4e',
  );
});
