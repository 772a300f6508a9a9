import fc from 'fast-check';
import { hypervolume, hypervolumeContributions, hypervolumeImprovement } from './hypervolume.ts';
import { nonDominatedIndices } from './pareto.ts';
import { randomStream } from './random.ts';
import type { Point } from './pareto.ts';

const point = (dimensions: number, max: number) =>
  fc.array(fc.integer({ min: 0, max }), { minLength: dimensions, maxLength: dimensions });
const sets = fc
  .record({ dimensions: fc.integer({ min: 1, max: 5 }), size: fc.integer({ min: 0, max: 12 }) })
  .chain(({ dimensions, size }) =>
    fc.record({
      // Coordinates of 5 and 6 lie on and beyond the reference.
      points: fc.array(point(dimensions, 6), { minLength: size, maxLength: size }),
      extra: point(dimensions, 6),
      reference: fc.constant(new Array<number>(dimensions).fill(5)),
    }),
  );

/** With integer coordinates the dominated region is a union of unit cells: count them. */
function countedCells(points: readonly Point[], dimensions: number, side: number): number {
  let count = 0;
  for (let cell = 0; cell < side ** dimensions; cell++) {
    const corner = Array.from({ length: dimensions }, (_, i) => Math.floor(cell / side ** i) % side);
    if (points.some((p) => p.every((value, i) => value <= corner[i]))) count++;
  }
  return count;
}

describe('hypervolume', () => {
  test('equals the number of dominated unit cells', () => {
    fc.assert(
      fc.property(sets, ({ points, reference }) => {
        expect(hypervolume(points, reference)).toBeCloseTo(countedCells(points, reference.length, 5), 9);
      }),
    );
  });

  test.each([2, 3, 4, 5])(
    'lies within four standard errors of a Monte-Carlo estimate in %i dimensions',
    (dimensions) => {
      const random = randomStream(11, dimensions);
      const draw = () => Array.from({ length: dimensions }, random);
      // On the simplex, so that most of the points are on the front.
      const points = Array.from({ length: 40 }, () => {
        const raw = draw();
        const sum = raw.reduce((a, b) => a + b);
        return raw.map((value) => value / sum);
      });
      const samples = 20_000;
      let hits = 0;
      for (let i = 0; i < samples; i++) {
        const sample = draw();
        if (points.some((p) => p.every((value, j) => value <= sample[j]))) hits++;
      }
      const exact = hypervolume(points, new Array<number>(dimensions).fill(1));
      expect(Math.abs(exact - hits / samples)).toBeLessThan(4 * Math.sqrt((exact * (1 - exact)) / samples));
    },
  );

  test('never falls when a point is added, and rises by exactly the improvement', () => {
    fc.assert(
      fc.property(sets, ({ points, extra, reference }) => {
        const before = hypervolume(points, reference);
        const after = hypervolume([...points, extra], reference);
        expect(after).toBeGreaterThanOrEqual(before);
        expect(hypervolumeImprovement(extra, points, reference)).toBeCloseTo(after - before, 9);
      }),
    );
  });

  test('depends on the front alone and not on the order', () => {
    fc.assert(
      fc.property(sets, ({ points, reference }) => {
        const front = nonDominatedIndices(points).map((index) => points[index]);
        expect(hypervolume(front.reverse(), reference)).toBeCloseTo(hypervolume(points, reference), 9);
      }),
    );
  });

  test('contributions are what is lost when the point goes', () => {
    fc.assert(
      fc.property(sets, ({ points, reference }) => {
        const all = hypervolume(points, reference);
        hypervolumeContributions(points, reference).forEach((contribution, index) => {
          const others = points.filter((_, other) => other !== index);
          expect(contribution).toBeCloseTo(all - hypervolume(others, reference), 9);
        });
      }),
    );
  });
});
