import { MOST_BIAS_STEPS } from '@sparrow/model';

/**
 * In place: biases of a layer with `biasBits` become multiples of the smallest power of two of which they all are at most 127.
 * Towards 0, so that sums with them stay within the bounds that they had.
 */
export function narrowBiases(biases: Int32Array): void {
  const largest = biases.reduce((most, bias) => Math.max(most, Math.abs(bias)), 0);
  let step = 1;
  while (Math.trunc(largest / step) > MOST_BIAS_STEPS) step *= 2;
  biases.forEach((bias, channel) => (biases[channel] = step * Math.trunc(bias / step)));
}
