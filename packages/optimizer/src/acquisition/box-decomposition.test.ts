import fc from 'fast-check';
import { hypervolume, hypervolumeImprovement } from '../hypervolume.ts';
import { nonDominatedIndices } from '../pareto.ts';
import { decomposeUndominated, improvementOver } from './box-decomposition.ts';

/** Fronts in 1 to 4 dimensions below a reference of 10 in each, and another point. */
const cases = fc.integer({ min: 1, max: 4 }).chain((dimensions) => {
  const point = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: dimensions, maxLength: dimensions });
  return fc.record({ points: fc.array(point, { maxLength: 12 }), other: point });
});

function decompose(points: readonly (readonly number[])[], dimensions: number) {
  const front = nonDominatedIndices(points).map((index) => points[index]);
  const reference = new Array<number>(dimensions).fill(10);
  return { front, reference, boxes: decomposeUndominated(front, reference) };
}

test('what a point improves the boxes by is what it adds to the hypervolume', () => {
  fc.assert(
    fc.property(cases, ({ points, other }) => {
      const { front, reference, boxes } = decompose(points, other.length);
      const improvement = { volume: NaN, gap: NaN };
      improvementOver(boxes, Float64Array.from(other), 0, improvement);
      expect(improvement.volume).toBeCloseTo(hypervolumeImprovement(other, front, reference), 9);
      expect(improvement.gap === 0).toBe(improvement.volume > 0 || touches(other, front, reference));
    }),
    { numRuns: 300 },
  );
});

/** On the border of what is undominated: no volume, and no distance from having one. */
function touches(point: readonly number[], front: readonly (readonly number[])[], reference: readonly number[]) {
  const nudged = point.map((value) => value - 1e-3);
  return hypervolumeImprovement(nudged, front, reference) > 0;
}

test('shifted by its gap in every dimension, a point just begins to improve', () => {
  fc.assert(
    fc.property(cases, ({ points, other }) => {
      const { front, reference, boxes } = decompose(points, other.length);
      const improvement = { volume: NaN, gap: NaN };
      improvementOver(boxes, Float64Array.from(other), 0, improvement);
      fc.pre(improvement.gap > 0);
      const shifted = (by: number) => other.map((value) => value - improvement.gap - by);
      expect(hypervolumeImprovement(shifted(1e-6), front, reference)).toBeGreaterThan(0);
      expect(hypervolumeImprovement(shifted(-1e-6), front, reference)).toBe(0);
    }),
    { numRuns: 300 },
  );
});

test('the boxes are disjoint and fill what the front leaves of a box', () => {
  fc.assert(
    fc.property(cases, ({ points, other }) => {
      const dimensions = other.length;
      const { front, reference, boxes } = decompose(points, dimensions);
      let volume = 0;
      for (let box = 0; box < boxes.count; box++) {
        let product = 1;
        for (let j = 0; j < dimensions; j++) {
          const at = box * dimensions + j;
          product *= Math.max(0, boxes.upper[at] - Math.max(0, boxes.lower[at]));
        }
        volume += product;
      }
      // All points are at least 0, so that the part of the boxes above 0 is a box without what the front dominates.
      expect(volume).toBeCloseTo(10 ** dimensions - hypervolume(front, reference), 6);
    }),
  );
});
