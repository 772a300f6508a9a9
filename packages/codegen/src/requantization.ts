import { type AccumulatorRange, hasOneMultiplier, type LayerSpec, type Requantization } from '@sparrow/model';
import { largestMultiplier } from './ranges.ts';

/** Where a layer's multipliers are: beside its weights in flash, or, if there is but one, in its code. */
export interface MultiplierLayout {
  /** As wide as kernels multiply by: layers whose multipliers are all small take the fast path. */
  readonly bytes: 1 | 2;
  /** What each channel's takes in flash: all of them, or nothing. */
  readonly bytesInFlash: 0 | 1 | 2;
  /** The only multiplier, if it is in the code. */
  readonly constant?: number;
}

/** Of a layer that gives the logits, which has no multipliers, it is of no account. */
export function multiplierLayout(layer: LayerSpec, requantization?: Requantization): MultiplierLayout {
  const bytes = requantization && largestMultiplier(requantization) > 255 ? 2 : 1;
  if (!requantization || !hasOneMultiplier(layer)) return { bytes, bytesInFlash: bytes };
  return { bytes, bytesInFlash: 0, constant: requantization.multipliers[0] };
}

/** C expression: the multiplier, which is at the address `at` if it is in flash. */
export function readMultiplier({ bytesInFlash, constant }: MultiplierLayout, at: string): string {
  if (constant !== undefined) return String(constant);
  return `${bytesInFlash === 1 ? 'pgm_read_byte' : 'read_u16'}(${at})`;
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
