import type { Shape } from '../architecture.ts';

/** Sums over an image's levels q: of q, q·x, q·y, q·x², q·x·y, q·y². */
export interface Moments {
  mass: number;
  x: number;
  y: number;
  xx: number;
  xy: number;
  yy: number;
}

/** Largest height and width for which every product of moments fits in 32 bits without a sign. */
export const LARGEST_SIDE = 32;

/** Levels of a pixel, 2 bits: what a chip keeps of an image until its last row has come. */
export const LARGEST_LEVEL = 3;

/** Of 256 parts that a level has: for rounding to the nearest. */
export const HALF_LEVEL = 128;

/** 0…255 → 0…3. */
export function levelOf(pixel: number): number {
  return (LARGEST_LEVEL * pixel + HALF_LEVEL) >> 8;
}

/** Of levels `[row][column]`. */
export function momentsOf(levels: Uint8Array, { height, width }: Shape): Moments {
  const sums: Moments = { mass: 0, x: 0, y: 0, xx: 0, xy: 0, yy: 0 };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const level = levels[y * width + x];
      sums.mass += level;
      sums.x += level * x;
      sums.y += level * y;
      sums.xx += level * x * x;
      sums.xy += level * x * y;
      sums.yy += level * y * y;
    }
  }
  return sums;
}
