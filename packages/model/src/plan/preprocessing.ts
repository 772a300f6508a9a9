import type { Shape } from '../architecture.ts';
import type { Allocation, Buffer } from './arena.ts';
import type { Lifetime, Schedule } from './schedule.ts';

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

/** Sums over an image's levels, in this order. */
export const MOMENT_BYTES = { mass: 2, x: 2, y: 2, xx: 3, xy: 3, yy: 3 } as const;

/** Number of the row that comes or is made, where the next one is, and what it differs from that one by, in this order. */
export const PLACEMENT_BYTES = { row: 1, yPosition: 2, xPosition: 2, yStep: 1, xStep: 1, slant: 2 } as const;

/** Before the first step runs. */
const ARRIVAL: Lifetime = { from: 0, to: 0 };

/** When the first row of an image is there that has been preprocessed. */
export const FIRST_ROW_MADE = ARRIVAL.to + 1;

/** Of the levels of a row; the last ones may be nobody's. */
export function packedRowBytes(width: number): number {
  return Math.ceil(width / LEVELS_PER_BYTE);
}

/** Of the row between two of the image, and a 0 behind it: in use only while a row is made. */
export function betweenRowsBytes(width: number): number {
  return LEVELS_PER_BYTE * packedRowBytes(width) + 1;
}

export interface PreprocessingRequest extends Allocation {
  readonly preprocessing: keyof PreprocessingBuffers;
}

/** `end`: when the logits have been read. */
export function requestPreprocessing(
  { height, width }: Shape,
  { lastInputRow }: Schedule,
  end: number,
): PreprocessingRequest[] {
  const rowBytes = packedRowBytes(width);
  const arrivalBytes = LEVELS_PER_BYTE * rowBytes + sum(MOMENT_BYTES);
  const until = (to: number): Lifetime => ({ from: ARRIVAL.from, to });
  return [
    { bytes: arrivalBytes, lifetime: ARRIVAL, preprocessing: 'arrival' },
    { bytes: height * rowBytes, lifetime: until(lastInputRow), preprocessing: 'image' },
    { bytes: sum(PLACEMENT_BYTES), lifetime: until(end), preprocessing: 'placement' },
  ];
}

function sum(bytes: Readonly<Record<string, number>>): number {
  return Object.values(bytes).reduce((total, each) => total + each, 0);
}
