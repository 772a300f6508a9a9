/** Pareto dominance over vectors of objectives, all to be minimised. */
export type Point = readonly number[];

/** Whether `a` is nowhere worse than `b` and somewhere better. */
export function dominates(a: Point, b: Point): boolean {
  let better = false;
  for (let i = 0; i < a.length; i++) {
    if (a[i] > b[i]) return false;
    if (a[i] < b[i]) better = true;
  }
  return better;
}

/** Indices, in ascending order, of the points that no other point dominates; equal points are all kept. */
export function nonDominatedIndices(points: readonly Point[]): number[] {
  // In lexicographic order a point can only be dominated by one before it, and then also by one on the front.
  const front: number[] = [];
  for (const index of lexicographicOrder(points)) {
    if (!front.some((other) => dominates(points[other], points[index]))) front.push(index);
  }
  return front.sort((a, b) => a - b);
}

/**
 * The front that each point is on: 0 is the Pareto front, 1 the front once 0 is taken away, and so on
 * (non-dominated sorting, Deb et al. 2002, §III-A; by ENS-SS, Zhang et al. 2015).
 */
export function nonDominatedRanks(points: readonly Point[]): number[] {
  const fronts: number[][] = [];
  const ranks = new Array<number>(points.length).fill(0);
  for (const index of lexicographicOrder(points)) {
    let rank = 0;
    while (rank < fronts.length && fronts[rank].some((other) => dominates(points[other], points[index]))) rank++;
    (fronts[rank] ??= []).push(index);
    ranks[index] = rank;
  }
  return ranks;
}

function lexicographicOrder(points: readonly Point[]): number[] {
  return points.map((_, index) => index).sort((a, b) => compareLexicographically(points[a], points[b]) || a - b);
}

function compareLexicographically(a: Point, b: Point): number {
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return a[i] - b[i];
  }
  return 0;
}
