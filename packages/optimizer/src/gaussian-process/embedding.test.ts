import fc from 'fast-check';
import { makeEmbedding } from './embedding.ts';

const embedding = makeEmbedding([false, true]);
const distance = (a: readonly number[], b: readonly number[]) =>
  Math.hypot(...embedding.embed(a).map((value, i) => value - embedding.embed(b)[i]));
const unit = fc.double({ min: 0, max: 1, noNaN: true });

test('a conditional dimension takes two coordinates and one length scale', () => {
  expect([embedding.dimensions, embedding.scales, [...embedding.scaleOfCoordinate]]).toEqual([3, 2, [0, 1, 1]]);
});

test('what is absent from both does not tell them apart; one with it is equally far from one without', () => {
  fc.assert(
    fc.property(unit, unit, unit, (x, a, b) => {
      expect(distance([x, NaN], [x, NaN])).toBe(0);
      expect(distance([x, a], [x, NaN])).toBeCloseTo(1, 12);
      expect(distance([x, a], [x, b])).toBeCloseTo(2 * Math.sin((Math.PI / 4) * Math.abs(a - b)), 12);
    }),
  );
});

test('an unconditional dimension stays as it is', () => {
  fc.assert(fc.property(unit, unit, (x, y) => expect(distance([x, NaN], [y, NaN])).toBeCloseTo(Math.abs(x - y), 12)));
});
