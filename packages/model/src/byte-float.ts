/**
 * Floats of a byte, for multipliers (docs/numerics.md §3): four bits of exponent above four of mantissa, without a sign, and as in IEEE 754 with
 * a hidden bit and denormals. Byte `e·16 + m` stands for m where e is 0, else for (16 + m) · 2^(e − 1): what 16 bits can hold to
 * within 1/32.
 */

const MANTISSA_BITS = 4;
const HIDDEN = 2 ** MANTISSA_BITS;

/** (16 + 15) · 2¹¹. */
export const LARGEST_BYTE_FLOAT = 63_488;

/** The float next to `value`, at least 1 and at most `LARGEST_BYTE_FLOAT`; or, with Math.ceil, the next one that is not less. */
export function toByteFloat(value: number, round: (value: number) => number = Math.round): number {
  const unit = 2 ** Math.max(0, Math.floor(Math.log2(value)) - MANTISSA_BITS);
  return Math.min(LARGEST_BYTE_FLOAT, Math.max(1, round(value / unit) * unit));
}

export function isByteFloat(value: number): boolean {
  return value > 0 && toByteFloat(value) === value;
}

/** @throws Error if it is none */
export function encodeByteFloat(value: number): number {
  if (!isByteFloat(value)) throw new Error(`${value} is no float of a byte`);
  const exponent = Math.max(0, Math.floor(Math.log2(value)) - MANTISSA_BITS + 1);
  return exponent === 0 ? value : exponent * HIDDEN + value / 2 ** (exponent - 1) - HIDDEN;
}

export function decodeByteFloat(byte: number): number {
  const exponent = byte >> MANTISSA_BITS;
  const mantissa = byte & (HIDDEN - 1);
  return exponent === 0 ? mantissa : (HIDDEN + mantissa) * 2 ** (exponent - 1);
}
