import type { Gap, SparseEntry } from './encoding.ts';

/** Weights at some distance from the place before, or the beginning of the row of taps: two that are `gap` bytes apart, or one. */
export interface Place {
  readonly distance: number;
  readonly weights: readonly number[];
}

/** The weights of a run. Each of the lists begins at the beginning of the row. */
export interface PairedRun {
  readonly pairs: Readonly<Record<Gap, readonly Place[]>>;
  /** At least one. */
  readonly singles: readonly Place[];
}

const FURTHEST = 255;

/** Makes pairs of neighbours first, then of weights with one pixel between them, up to so many of each. */
export function pairUp(run: readonly SparseEntry[], most: Readonly<Record<Gap, number>>): PairedRun {
  const left = new Map<number, number>();
  let position = 0;
  for (const { distance, weight } of run) left.set((position += distance), weight);
  const close = takePairs(left, 1, most[1]);
  const apart = takePairs(left, 2, most[2]);
  // What comes last in a run has to exist.
  if (left.size === 0) dissolve(left, apart.length > 0 ? apart : close);
  return { pairs: { 1: withDistances(close), 2: withDistances(apart) }, singles: singlesOf(left) };
}

interface Positioned {
  readonly position: number;
  readonly weights: readonly (readonly [position: number, weight: number])[];
}

/** Takes pairs out of the weights by position that are left. */
function takePairs(left: Map<number, number>, gap: Gap, most: number): Positioned[] {
  const pairs: Positioned[] = [];
  for (const position of [...left.keys()].sort((a, b) => a - b)) {
    const [weight, other] = [left.get(position), left.get(position + gap)];
    const before = pairs[pairs.length - 1]?.position ?? 0;
    if (weight === undefined || other === undefined) continue;
    if (pairs.length === most || position - before > FURTHEST) break;
    const both = [
      [position, weight],
      [position + gap, other],
    ] as const;
    pairs.push({ position, weights: both });
    for (const [taken] of both) left.delete(taken);
  }
  return pairs;
}

/** Gives the weights of the last pair back; a run without weights gets one of 0. */
function dissolve(left: Map<number, number>, pairs: Positioned[]): void {
  const { weights } = pairs.pop() ?? { weights: [[0, 0]] as const };
  for (const [position, weight] of weights) left.set(position, weight);
}

function withDistances(pairs: readonly Positioned[]): Place[] {
  return pairs.map(({ position, weights }, index) => ({
    distance: position - (index === 0 ? 0 : pairs[index - 1].position),
    weights: weights.map(([, weight]) => weight),
  }));
}

/** Weights of 0 bridge what is too far apart. */
function singlesOf(left: ReadonlyMap<number, number>): Place[] {
  let before = 0;
  return [...left]
    .sort(([a], [b]) => a - b)
    .flatMap(([position, weight]) => {
      const bridges = Math.max(0, Math.ceil((position - before) / FURTHEST) - 1);
      const distance = position - before - bridges * FURTHEST;
      before = position;
      return [
        ...Array.from({ length: bridges }, () => ({ distance: FURTHEST, weights: [0] })),
        { distance, weights: [weight] },
      ];
    });
}
