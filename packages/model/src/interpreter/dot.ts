/**
 * `Σ weights[weightOffset + t] · values[valueOffset + t]` for `t < length`. Wraps modulo 2³², which is exact for every
 * sum whose final value fits 32 bits (docs/numerics.md §1).
 */
export function dot(
  weights: Int8Array,
  weightOffset: number,
  values: Uint8Array,
  valueOffset: number,
  length: number,
): number {
  let sum = 0;
  for (let t = 0; t < length; t++) sum = (sum + weights[weightOffset + t] * values[valueOffset + t]) | 0;
  return sum;
}
