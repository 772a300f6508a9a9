import type { Point } from '../pareto.ts';

/**
 * The part of the box below a reference point that a set of points leaves undominated (all minimised), cut into
 * disjoint boxes: `lower` ≤ y < `upper`, `[box][dimension]`. The first dimension of `lower` is −∞.
 */
export interface BoxDecomposition {
  readonly dimensions: number;
  readonly count: number;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

interface LocalUpperBound {
  readonly bound: number[];
  /** `defining[j]` is the point whose j-th coordinate the bound has. */
  readonly defining: (readonly number[])[];
}

/**
 * By local upper bounds (Klamroth, Lacour, Vanderpooten 2015), one point after another, and their partition into boxes
 * (Lacour, Klamroth, Fonseca 2017, "A box decomposition algorithm to compute the hypervolume indicator", eqs. 2 and 3):
 * the box of bound u with defining points z¹…zᵐ is (−∞, u₁) × Π_{j≥2} [max_{k<j} zᵏ_j, u_j).
 */
export function decomposeUndominated(points: readonly Point[], reference: Point): BoxDecomposition {
  const dimensions = reference.length;
  let bounds: LocalUpperBound[] = [firstBound(reference)];
  for (const point of points)
    bounds = bounds.flatMap((bound) => (isBelow(point, bound) ? split(bound, point) : [bound]));
  const lower = new Float64Array(bounds.length * dimensions);
  const upper = new Float64Array(bounds.length * dimensions);
  let count = 0;
  for (const { bound, defining } of bounds) {
    const corner = bound.map((_, j) => Math.max(-Infinity, ...defining.slice(0, j).map((point) => point[j])));
    if (corner.some((value, j) => value >= bound[j])) continue;
    lower.set(corner, count * dimensions);
    upper.set(bound, count * dimensions);
    count++;
  }
  return { dimensions, count, lower, upper };
}

function firstBound(reference: Point): LocalUpperBound {
  const defining = reference.map((value, j) => reference.map((_, k) => (k === j ? value : -Infinity)));
  return { bound: [...reference], defining };
}

function isBelow(point: Point, { bound }: LocalUpperBound): boolean {
  for (let j = 0; j < bound.length; j++) {
    if (point[j] >= bound[j]) return false;
  }
  return true;
}

/** What is left of a bound once a point lies below it; bounds that others cover are left out. */
function split({ bound, defining }: LocalUpperBound, point: Point): LocalUpperBound[] {
  const children: LocalUpperBound[] = [];
  for (let j = 0; j < bound.length; j++) {
    const redundant = defining.some((other, k) => k !== j && other[j] > point[j]);
    if (redundant) continue;
    children.push({ bound: bound.with(j, point[j]), defining: defining.with(j, point) });
  }
  return children;
}

/** What a point is worth: the undominated volume that it would dominate, and how far it is from dominating any. */
export interface Improvement {
  /** Hypervolume improvement (Daulton et al. 2020, eq. 3). */
  volume: number;
  /** 0 if the volume is positive, else the least shift, equal in all dimensions, that would make it so. */
  gap: number;
}

/** `values[offset…]` is the point; the result is written into `into`. */
export function improvementOver(
  boxes: BoxDecomposition,
  values: Float64Array,
  offset: number,
  into: Improvement,
): void {
  const { dimensions, count, lower, upper } = boxes;
  let volume = 0;
  let gap = Infinity;
  for (let box = 0, at = 0; box < count; box++, at += dimensions) {
    let product = 1;
    let excess = -Infinity;
    for (let j = 0; j < dimensions && excess < gap; j++) {
      const value = values[offset + j];
      const above = upper[at + j];
      const floor = lower[at + j];
      if (value - above > excess) excess = value - above;
      product *= above - (value > floor ? value : floor);
    }
    if (excess >= gap) continue;
    if (excess < 0) volume += product;
    gap = excess > 0 ? excess : 0;
  }
  into.volume = volume;
  into.gap = gap;
}
