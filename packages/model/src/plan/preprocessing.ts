import type { Buffer } from './arena.ts';
import type { Lifetime } from './schedule.ts';

/** What a chip keeps of an image until all of it has come, and while the network reads it. */
export interface PreprocessingBuffers {
  /** While rows come: the row, up to whole bytes of levels, then sums. */
  readonly arrival: Buffer;
  /** The image's levels, row by row, until its last row has been made. */
  readonly image: Buffer;
  /** The number of the row that comes or is made, and where it is placed. */
  readonly placement: Buffer;
}

/** Levels of 2 bits in a byte. */
const LEVELS_PER_BYTE = 4;
/** Sums of levels, of those times x and times y in 16 bits; times their squares and x·y in 24. */
const MOMENT_BYTES = 3 * 2 + 3 * 3;
/** A row's number, its two positions, two steps and a slant. */
export const PLACEMENT_BYTES = 1 + 2 * 2 + 2 * 1 + 2;

/** Before the first step runs. */
export const ARRIVAL: Lifetime = { from: 0, to: 0 };

/** Of the levels of a row; the last ones may be nobody's. */
export function packedRowBytes(width: number): number {
  return Math.ceil(width / LEVELS_PER_BYTE);
}

export function arrivalBytes(width: number): number {
  return LEVELS_PER_BYTE * packedRowBytes(width) + MOMENT_BYTES;
}

export function imageBytes(height: number, width: number): number {
  return height * packedRowBytes(width);
}
