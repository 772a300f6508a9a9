import type { AccumulatorRange, Requantization } from '@sparrow/model';
import { largestMultiplier } from './ranges.ts';

/** Bytes of a multiplier in flash: layers whose multipliers are all small take the fast path. */
export function multiplierBytes(requantization: Requantization): 1 | 2 {
  return largestMultiplier(requantization) < 256 ? 1 : 2;
}

/**
 * The C function `name(accumulator, multiplier)` of docs/numerics.md §3. Products of 31 × 16 bits are taken in two
 * halves, since neither chip nor C have a cheap 64-bit multiply.
 */
export function printRequantize(
  name: string,
  { shift, ...rest }: Requantization,
  { highest }: AccumulatorRange,
): string {
  const fits = highest * largestMultiplier({ shift, ...rest }) < 2 ** 32;
  const wide =
    shift < 16
      ? `const uint32_t high = (accumulator >> 16) * multiplier;
  const uint32_t value = ((accumulator & 0xffff) * multiplier) >> ${shift};
  return high != 0 || value > 255 ? 255 : value;`
      : `const uint32_t value = ((accumulator >> 16) * multiplier + (((accumulator & 0xffff) * multiplier) >> 16)) >> ${shift - 16};
  return value > 255 ? 255 : value;`;
  const narrow = `const uint32_t value = (accumulator * multiplier) >> ${shift};
  return value > 255 ? 255 : value;`;
  return `static uint8_t ${name}(int32_t sum, uint16_t multiplier) {
  if (sum <= 0) return 0;
  const uint32_t accumulator = sum;
  ${fits ? narrow : wide}
}
`;
}
