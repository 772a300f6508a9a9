import { type Assembly, PRODUCT_HIGH, PRODUCT_LOW, r, type Register } from './assembly.ts';

/**
 * `sum += weight · pixel`, signed by unsigned: 4 cycles at 16 bits. `mulsu` leaves the product's sign in the carry, from
 * which wider sums extend it: 6 cycles at 24 bits, 7 at 32.
 */
export function multiplyAccumulate(
  assembly: Assembly,
  sum: readonly Register[],
  weight: Register,
  pixel: Register,
  extension?: Register,
): void {
  assembly.emit('mulsu', r(weight), r(pixel));
  if (sum.length > 2) assembly.emit('sbc', r(extension as Register), r(extension as Register));
  assembly.emit('add', r(sum[0]), r(PRODUCT_LOW));
  assembly.emit('adc', r(sum[1]), r(PRODUCT_HIGH));
  for (const byte of sum.slice(2)) assembly.emit('adc', r(byte), r(extension as Register));
}

export function multiplyAccumulateCycles(bytes: number): number {
  return bytes === 2 ? 4 : bytes + 3;
}
