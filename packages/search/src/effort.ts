import type { Effort } from './evaluation/job.ts';

/**
 * The rungs of successive halving: few epochs for many, many for few. An effort is what comes on top of the rung below,
 * whose weights a promoted trial goes on from. On the first one the generator's prediction, which is all but exact, stands in
 * for compiler and chip; whatever is promoted is measured (cycles do not depend on the image, and neither does the stack).
 */
export const rungs: readonly Effort[] = [
  { images: 10_000, epochs: 2, measuredImages: 0 },
  { images: 20_000, epochs: 3, measuredImages: 2 },
  { images: 55_000, epochs: 3, measuredImages: 2 },
];

/** One in so many goes on to the next rung. */
export const reductionFactor = 3;

/** How a budget is divided: the search, then the training of the finalists; verification gets what is left. */
export const shares = { search: 0.46, finalTraining: 0.48 } as const;

/** Bounds of the final training; how many epochs it really gets follows from the budget and the measured speed. */
export const finalEpochs = { minimum: 4, maximum: 90 } as const;
