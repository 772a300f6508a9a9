import type { Assembly } from '../assembly/assembly.ts';
import { PRODUCT_HIGH, PRODUCT_LOW, r, type Register } from '../assembly/registers.ts';

/**
 * `sum += weight · pixel`: 4 cycles at 16 bits. Wider sums add the product's sign, which `mulsu` leaves in the carry: 6
 * cycles at 24 bits, 7 at 32. Unsigned weights spare them one: `extension` is then 0.
 */
export function multiplyAccumulate(
  { emit }: Assembly,
  sum: readonly Register[],
  weight: Register,
  pixel: Register,
  extension: Register | undefined,
  signed: boolean,
): void {
  emit(signed ? 'mulsu' : 'mul', r(weight), r(pixel));
  const wide = sum.length > 2 && extension !== undefined;
  if (wide && signed) emit('sbc', r(extension), r(extension));
  emit('add', r(sum[0]), r(PRODUCT_LOW));
  emit('adc', r(sum[1]), r(PRODUCT_HIGH));
  if (wide) for (const byte of sum.slice(2)) emit('adc', r(byte), r(extension));
}
