import { toByteFloat } from '@sparrow/model';

export type Shift = 0 | 8 | 16 | 24;

const SHIFTS: readonly Shift[] = [24, 16, 8, 0];

/** Above this a multiplier would need 16 bits, which costs the chip twice the time. */
const LARGEST_BYTE = 255;
const LARGEST_WORD = 65535;

/** The largest multiplier of a layer has at least this many steps: what rounding it takes is then at most 1/16 of a scale. */
const LEAST_STEPS = 16;

/**
 * The shift for factors of which `largest` is the largest: the largest shift at which multipliers stay within a byte, if that leaves
 * them enough steps; else the largest at which they fit 16 bits.
 * @throws if not even shift 0 fits
 */
export function chooseShift(largest: number): Shift {
  const byte = SHIFTS.find((shift) => largest * 2 ** shift <= LARGEST_BYTE);
  if (byte !== undefined && largest * 2 ** byte >= LEAST_STEPS) return byte;
  return finestShift(largest);
}

/**
 * The shift for multipliers that are floats of a byte: as they are as fine whatever their size, only those that are too small for that ask for
 * multipliers of 16 bits.
 * @throws if not even shift 0 fits
 */
export function chooseShiftOfFloats(smallest: number, largest: number): Shift {
  const byte = SHIFTS.find((shift) => toByteFloat(largest * 2 ** shift) <= LARGEST_BYTE);
  return byte !== undefined && smallest * 2 ** byte >= LEAST_STEPS ? byte : finestShift(largest);
}

/**
 * The largest shift at which multipliers fit 16 bits.
 * @throws if not even shift 0 fits
 */
export function finestShift(largest: number): Shift {
  const word = SHIFTS.find((shift) => largest * 2 ** shift <= LARGEST_WORD);
  if (word === undefined)
    throw new Error(`requantisation factor ${largest} is above 65,535: the layer's scales have degenerated`);
  return word;
}

export interface SnappedPool {
  readonly multiplier: number;
  readonly shift: Shift;
  /** `inputScale · 2^shift / (count · multiplier)`: the output scale for which the multiplier is exact. */
  readonly outputScale: number;
}

/** Multiplier and shift of a mean over `count` pixels; the output scale is the smallest exact one not below `wantedScale`. */
export function snapPool(count: number, inputScale: number, wantedScale: number): SnappedPool {
  const factor = inputScale / (count * wantedScale);
  // The small factors forgive the float32 rounding of scales that were snapped before.
  const shift = chooseShift(factor * (1 - 1e-6));
  const multiplier = Math.max(1, Math.floor(factor * 2 ** shift * (1 + 1e-6)));
  return { multiplier, shift, outputScale: (inputScale * 2 ** shift) / (count * multiplier) };
}
