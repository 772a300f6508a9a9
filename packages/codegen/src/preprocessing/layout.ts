import { type MemoryPlan, packedRowBytes, type PreprocessingBuffers, type Ring } from '@sparrow/model';
import { ARENA } from '../rows.ts';

/** Where the parts of preprocessing are in RAM, as expressions of the assembler. */
export interface PreprocessingLayout {
  readonly height: number;
  readonly width: number;
  /** Of a row, with four pixels a byte. */
  readonly packedRowBytes: number;
  readonly buffers: PreprocessingBuffers;
  /** The network's input. */
  readonly ring: Ring;
  /** The row that comes. */
  readonly arrival: string;
  /** Sums over the rows that have come: bytes of each as in `MOMENT_BYTES`. */
  readonly moments: Readonly<Record<keyof typeof MOMENT_BYTES, string>>;
  readonly image: string;
  /** Number of the row that comes. */
  readonly row: string;
  /** Of the row that is made next, 2 bytes each. */
  readonly yPosition: string;
  readonly xPosition: string;
  /** In 1/128 of a pixel, a byte each. */
  readonly yStep: string;
  readonly xStep: string;
  /** 2 bytes, signed. */
  readonly slant: string;
}

export const MOMENT_BYTES = { mass: 2, x: 2, y: 2, xx: 3, xy: 3, yy: 3 } as const;

export function preprocessingLayout({ preprocessing, rings, shapes }: MemoryPlan): PreprocessingLayout | undefined {
  if (!preprocessing) return undefined;
  const [{ height, width }] = shapes;
  const rowBytes = packedRowBytes(width);
  const at = (offset: number): string => `${ARENA} + ${offset}`;
  const moments = preprocessing.arrival.offset + 4 * rowBytes;
  const state = preprocessing.placement.offset;
  return {
    height,
    width,
    packedRowBytes: rowBytes,
    buffers: preprocessing,
    ring: rings[0] as Ring,
    arrival: at(preprocessing.arrival.offset),
    moments: {
      mass: at(moments),
      x: at(moments + 2),
      y: at(moments + 4),
      xx: at(moments + 6),
      xy: at(moments + 9),
      yy: at(moments + 12),
    },
    image: at(preprocessing.image.offset),
    row: at(state),
    yPosition: at(state + 1),
    xPosition: at(state + 3),
    yStep: at(state + 5),
    xStep: at(state + 6),
    slant: at(state + 7),
  };
}

/** RAM that preprocessing uses only while it runs, as steps do. */
export function preprocessingScratchBytes(plan: MemoryPlan): number {
  const layout = preprocessingLayout(plan);
  return layout ? Math.max(PLACE_SCRATCH_BYTES, betweenBytes(layout)) : 0;
}

/** Two 32-bit values, while the image is placed. */
const PLACE_SCRATCH_BYTES = 8;

/** The row between two of the image, and a 0 behind it. */
function betweenBytes({ packedRowBytes: rowBytes }: PreprocessingLayout): number {
  return 4 * rowBytes + 1;
}
