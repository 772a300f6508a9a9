import {
  type AccumulatorRange,
  encodeByteFloat,
  hasNarrowMultipliers,
  type LayerSpec,
  type Requantization,
} from '@sparrow/model';
import { littleEndian } from './encodings/index.ts';
import { largestMultiplier } from './ranges.ts';

/** How a layer's multipliers lie in flash. */
export interface MultiplierLayout {
  /** As wide as kernels multiply by: layers whose multipliers are all small take the fast path. */
  readonly bytes: 1 | 2;
  /** What each channel's takes: less than what kernels multiply by where it is a float of a byte. */
  readonly bytesInFlash: 1 | 2;
}

/** Of a layer that gives the logits, which has no multipliers, it is of no account. */
export function multiplierLayout(layer: LayerSpec, requantization?: Requantization): MultiplierLayout {
  const bytes = requantization && largestMultiplier(requantization) > 255 ? 2 : 1;
  return { bytes, bytesInFlash: hasNarrowMultipliers(layer) ? 1 : bytes };
}

/** Whether multipliers are floats in flash. Where all of them fit a byte as they are, there is nothing to gain, and nothing to decode. */
export function isByteFloatLayout({ bytes, bytesInFlash }: MultiplierLayout): boolean {
  return bytesInFlash < bytes;
}

export function packMultiplier(multiplier: number, layout: MultiplierLayout): number[] {
  return isByteFloatLayout(layout) ? [encodeByteFloat(multiplier)] : littleEndian(multiplier, layout.bytesInFlash);
}

/** C expression: the multiplier at the address `at` in flash. */
export function readMultiplier(layout: MultiplierLayout, at: string): string {
  if (isByteFloatLayout(layout)) return `read_byte_float(${at})`;
  return `${layout.bytesInFlash === 1 ? 'pgm_read_byte' : 'read_u16'}(${at})`;
}

/** What `readMultiplier` calls, in C, where layers have floats of a byte. */
export const READ_BYTE_FLOAT = `static inline uint16_t read_byte_float(const uint8_t *table) {
  const uint8_t byte = pgm_read_byte(table);
  const uint8_t exponent = byte >> 4;
  const uint8_t mantissa = byte & 15;
  return exponent == 0 ? mantissa : (uint16_t)((16u + mantissa) << (exponent - 1));
}
`;

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
