import type { AccumulatorRange, Requantization } from '@sparrow/model';

/** The range that holds the accumulators of all channels. */
export function union(ranges: readonly AccumulatorRange[]): AccumulatorRange {
  return ranges.reduce((a, b) => ({
    lowest: Math.min(a.lowest, b.lowest),
    highest: Math.max(a.highest, b.highest),
  }));
}

export function largestMultiplier({ multipliers }: Requantization): number {
  return multipliers.reduce((a, b) => Math.max(a, b), 0);
}

export function smallestMultiplier({ multipliers }: Requantization): number {
  return multipliers.reduce((a, b) => Math.min(a, b), 65_535);
}
