import type { Effort } from './evaluation/job.ts';

/**
 * The rungs of successive halving: few epochs for many, many for few. An effort is what comes on top of the rung below,
 * whose weights a promoted trial goes on from.
 */
export const rungs: readonly Effort[] = [
  { images: 10_000, epochs: 2 },
  { images: 25_000, epochs: 4 },
  { images: 55_000, epochs: 6 },
];

/** One in so many goes on to the next rung. */
export const reductionFactor = 3;

/** How a budget is divided: the search, then the training of the finalists; verification gets what is left. */
export const shares = { search: 0.5, finalTraining: 0.4 } as const;

/** Bounds of the final training; how many epochs it really gets follows from the budget and the measured speed. */
export const finalEpochs = { minimum: 4, maximum: 60 } as const;
