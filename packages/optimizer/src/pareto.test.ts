import fc from 'fast-check';
import { dominates, nonDominatedIndices, nonDominatedRanks } from './pareto.ts';

// Small integers, so that ties and equal points are common.
const points = fc.integer({ min: 1, max: 5 }).chain((dimensions) =>
  fc.array(fc.array(fc.integer({ min: 0, max: 6 }), { minLength: dimensions, maxLength: dimensions }), {
    maxLength: 30,
  }),
);

describe('Pareto dominance', () => {
  test('is irreflexive and antisymmetric', () => {
    expect(dominates([1, 2], [1, 2])).toBe(false);
    expect(dominates([1, 2], [1, 3])).toBe(true);
    expect(dominates([1, 3], [1, 2])).toBe(false);
    expect(dominates([0, 9], [9, 0])).toBe(false);
  });

  test('the front is what no point dominates', () => {
    fc.assert(
      fc.property(points, (all) => {
        const expected = all.map((_, index) => index).filter((index) => !all.some((p) => dominates(p, all[index])));
        expect(nonDominatedIndices(all)).toEqual(expected);
      }),
    );
  });

  test('ranks are those of peeling front after front', () => {
    fc.assert(
      fc.property(points, (all) => {
        const ranks = nonDominatedRanks(all);
        let left = all.map((_, index) => index);
        for (let rank = 0; left.length > 0; rank++) {
          const front = nonDominatedIndices(left.map((index) => all[index])).map((position) => left[position]);
          expect(front.map((index) => ranks[index])).toEqual(front.map(() => rank));
          left = left.filter((index) => !front.includes(index));
        }
      }),
    );
  });
});
