/**
 * What a layer's cycles go into:
 * - compute: multiply-accumulates with their loads and loops; comparisons, sums and additions of layers without weights
 * - requantisation: from sums to activations
 * - borders: rows under the window, and what skips or zeroes those outside of the image
 * - calls: steps entered and left, loops over filters and tiles
 */
export const PHASES = ['compute', 'requantisation', 'borders', 'calls'] as const;
export type Phase = (typeof PHASES)[number];

/** Cycles by phase. */
export type Ledger = Record<Phase, number>;

export function emptyLedger(): Ledger {
  return { compute: 0, requantisation: 0, borders: 0, calls: 0 };
}

export function totalCycles(ledger: Readonly<Ledger>): number {
  return PHASES.reduce((sum, phase) => sum + ledger[phase], 0);
}

/** `to += times · from` */
export function addScaled(to: Ledger, from: Readonly<Ledger>, times: number): void {
  for (const phase of PHASES) to[phase] += times * from[phase];
}
