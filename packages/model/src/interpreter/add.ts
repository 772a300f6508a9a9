import type { AddParameters } from '../model.ts';

/** docs/numerics.md §4, up to the shift. */
export function accumulateAdd(
  { multipliers, bias }: AddParameters,
  a: Uint8Array,
  b: Uint8Array,
  accumulators: Int32Array,
): void {
  const [m0, m1] = multipliers;
  for (let index = 0; index < a.length; index++) accumulators[index] = a[index] * m0 + b[index] * m1 + bias;
}
