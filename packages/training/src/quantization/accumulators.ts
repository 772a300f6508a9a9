import { BOUNDED_ACCUMULATOR_BITS, type WeightedLayer } from '@sparrow/model';

export const LARGEST_ACTIVATION = 255;
export const LARGEST_ACCUMULATOR = 2 ** (BOUNDED_ACCUMULATOR_BITS - 1) - 1;

/** While batch norm is not folded yet, biases are not known: this share of the range is left to the products. */
const PRODUCTS_SHARE = 0.9;

/** What a channel's positive integer weights, and its negative ones, may sum up to as long as its bias is not known. */
export function largestSum({ accumulatorBits }: WeightedLayer): number {
  return accumulatorBits === undefined ? Infinity : (PRODUCTS_SHARE * LARGEST_ACCUMULATOR) / LARGEST_ACTIVATION;
}

/** Half of the accumulator's range: the products get the other half. */
export const LARGEST_BIAS = 2 ** 30;

export function toBias(bias: number): number {
  return Math.round(Math.min(Math.max(bias, -LARGEST_BIAS), LARGEST_BIAS));
}
