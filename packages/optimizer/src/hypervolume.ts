import { dominates, nonDominatedIndices } from './pareto.ts';
import type { Point } from './pareto.ts';

/**
 * The volume of what `points` dominate within the box below `reference` (all objectives minimised); exact, for any
 * number of objectives. The WFG algorithm (While, Bradstreet, Barone 2012, "A fast way of calculating exact
 * hypervolumes", fig. 5): points are taken worst first in the last objective, so that what each adds exclusively is
 * a slice whose cross-section has one dimension less.
 */
export function hypervolume(points: readonly Point[], reference: Point): number {
  const inside = points.filter((point) => point.every((value, i) => value < reference[i]));
  return volume(
    nonDominatedIndices(inside).map((i) => inside[i]),
    reference,
    reference.length,
  );
}

/** What each point alone contributes: hypervolume(all) − hypervolume(all others). Dominated and equal points: 0. */
export function hypervolumeContributions(points: readonly Point[], reference: Point): number[] {
  const dimensions = reference.length;
  return points.map((point, index) => {
    if (!point.every((value, i) => value < reference[i])) return 0;
    return exclusiveVolume(
      point,
      points.filter((_, other) => other !== index),
      reference,
      dimensions,
    );
  });
}

/** How much hypervolume `point` would add to that of `front`. */
export function hypervolumeImprovement(point: Point, front: readonly Point[], reference: Point): number {
  if (!point.every((value, i) => value < reference[i])) return 0;
  return exclusiveVolume(point, front, reference, reference.length);
}

/** `points` are mutually non-dominated in their first `dimensions` coordinates and inside the reference. */
function volume(points: readonly Point[], reference: Point, dimensions: number): number {
  if (points.length === 0) return 0;
  if (points.length === 1) return boxVolume(points[0], reference, dimensions);
  if (dimensions === 1) return reference[0] - Math.min(...points.map((point) => point[0]));
  if (dimensions === 2) return area(points, reference);
  const last = dimensions - 1;
  const worstFirst = [...points].sort((a, b) => b[last] - a[last]);
  let sum = 0;
  for (let i = 0; i < worstFirst.length; i++) {
    const point = worstFirst[i];
    sum += (reference[last] - point[last]) * exclusiveVolume(point, worstFirst.slice(i + 1), reference, last);
  }
  return sum;
}

/** Volume that is dominated by `point` and by none of `others`, in the first `dimensions` coordinates. */
function exclusiveVolume(point: Point, others: readonly Point[], reference: Point, dimensions: number): number {
  const limited: number[][] = [];
  for (const other of others) {
    const worse: number[] = [];
    let inside = true;
    for (let i = 0; i < dimensions; i++) {
      worse.push(Math.max(other[i], point[i]));
      if (worse[i] >= reference[i]) inside = false;
    }
    if (inside) insertNonDominated(limited, worse);
  }
  return Math.max(0, boxVolume(point, reference, dimensions) - volume(limited, reference, dimensions));
}

/** Keeps `front` mutually non-dominated and free of doubles. */
function insertNonDominated(front: number[][], point: number[]): void {
  let kept = 0;
  for (const other of front) {
    if (dominates(other, point) || other.every((value, i) => value === point[i])) return;
  }
  for (const other of front) {
    if (!dominates(point, other)) front[kept++] = other;
  }
  front.length = kept;
  front.push(point);
}

function boxVolume(point: Point, reference: Point, dimensions: number): number {
  let product = 1;
  for (let i = 0; i < dimensions; i++) product *= reference[i] - point[i];
  return product;
}

function area(points: readonly Point[], reference: Point): number {
  const leftToRight = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let sum = 0;
  let ceiling = reference[1];
  for (const [x, y] of leftToRight) {
    if (y >= ceiling) continue;
    sum += (reference[0] - x) * (ceiling - y);
    ceiling = y;
  }
  return sum;
}
