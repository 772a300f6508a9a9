import {
  betweenRowsBytes,
  type MemoryPlan,
  MOMENT_BYTES,
  packedRowBytes,
  PLACEMENT_BYTES,
  type PreprocessingBuffers,
} from '@sparrow/model';
import { ARENA } from '../rows.ts';

/** By name of what lies one behind the other in RAM: where it is, as an expression of the assembler. */
type Addresses<Bytes> = { readonly [Name in keyof Bytes]: string };

/** Where the parts of preprocessing are in RAM. Of the placement: positions of the row that is made next; steps in 1/128 of a pixel. */
export interface PreprocessingLayout extends Addresses<typeof PLACEMENT_BYTES> {
  readonly height: number;
  readonly width: number;
  /** Of a row, with four pixels a byte. */
  readonly packedRowBytes: number;
  readonly buffers: PreprocessingBuffers;
  /** The row that comes. */
  readonly arrival: string;
  /** Sums over the rows that have come. */
  readonly moments: Addresses<typeof MOMENT_BYTES>;
  readonly image: string;
}

export function preprocessingLayout({ preprocessing, shapes }: MemoryPlan): PreprocessingLayout | undefined {
  if (!preprocessing) return undefined;
  const [{ height, width }] = shapes;
  const rowBytes = packedRowBytes(width);
  return {
    height,
    width,
    packedRowBytes: rowBytes,
    buffers: preprocessing,
    arrival: at(preprocessing.arrival.offset),
    moments: addresses(preprocessing.arrival.offset + 4 * rowBytes, MOMENT_BYTES),
    image: at(preprocessing.image.offset),
    ...addresses(preprocessing.placement.offset, PLACEMENT_BYTES),
  };
}

function at(offset: number): string {
  return `${ARENA} + ${offset}`;
}

function addresses<Bytes extends Readonly<Record<string, number>>>(start: number, sizes: Bytes): Addresses<Bytes> {
  let offset = start;
  const entries = Object.entries(sizes).map(([name, bytes]): [string, string] => {
    const address = at(offset);
    offset += bytes;
    return [name, address];
  });
  return Object.fromEntries(entries) as Addresses<Bytes>;
}

/** RAM that preprocessing uses only while it runs, as steps do. */
export function preprocessingScratchBytes({ preprocessing, shapes }: MemoryPlan): number {
  return preprocessing ? Math.max(PLACE_SCRATCH_BYTES, betweenRowsBytes(shapes[0].width)) : 0;
}

/** Two 32-bit values, while the image is placed. */
const PLACE_SCRATCH_BYTES = 8;
