/** Biases of a layer with `biasBits` are at most so many steps. */
export const MOST_BIAS_STEPS = 127;

/** Exponents of steps: 127 of a larger one would leave 32 bits, and only a bias of −2³¹ would need it. */
const LARGEST_EXPONENT = 24;

/**
 * The exponent of the smallest power of two of which all biases are whole multiples −127…127, or undefined if there is none:
 * a layer whose biases are bytes has it as a constant.
 */
export function biasStepExponent(biases: ArrayLike<number>): number | undefined {
  for (let exponent = 0; exponent <= LARGEST_EXPONENT; exponent++) {
    const step = 2 ** exponent;
    const all = Array.from(biases);
    if (all.some((bias) => bias % step !== 0)) return undefined;
    if (all.every((bias) => Math.abs(bias) <= MOST_BIAS_STEPS * step)) return exponent;
  }
  return undefined;
}

/**
 * In place: biases become multiples of the smallest power of two of which none of them, as `round` leaves it, exceeds 127; so that they keep what
 * `biasBits` promises.
 */
export function narrowBiases(biases: Int32Array, round: (steps: number) => number): void {
  const largest = biases.reduce((most, bias) => Math.max(most, Math.abs(bias)), 0);
  let step = 1;
  while (round(largest / step) > MOST_BIAS_STEPS) step *= 2;
  biases.forEach((bias, channel) => (biases[channel] = step * round(bias / step)));
}
