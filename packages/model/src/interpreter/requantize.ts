import type { Requantization } from '../model.ts';

/** docs/numerics.md §3, for one accumulator. The product is below 2⁴⁷, so it and the division by 2^shift are exact. */
export function requantizeValue(accumulator: number, multiplier: number, shift: number): number {
  return Math.min(255, Math.floor((Math.max(0, accumulator) * multiplier) / 2 ** shift));
}

/** docs/numerics.md §3: accumulators, channels innermost, to activations. `y` is as long as `accumulators`. */
export function requantize(accumulators: Int32Array, { multipliers, shift }: Requantization, y: Uint8Array): void {
  const channels = multipliers.length;
  for (let index = 0; index < y.length; index++) {
    y[index] = requantizeValue(accumulators[index], multipliers[index % channels], shift);
  }
}
