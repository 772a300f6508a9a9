import type { Shape } from '../architecture.ts';
import type { Moments } from './moments.ts';

/**
 * Where the pixels of the normalised image are in the one that came: row y at `y0 + y·yStep`, and pixel x of it at
 * `x0 + y·slant + x·xStep`, in 1/256 of a pixel.
 */
export interface Placement {
  readonly y0: number;
  readonly yStep: number;
  readonly x0: number;
  readonly slant: number;
  readonly xStep: number;
}

/** Standard deviations that images get, across and down, in halves of a 28th of the side. */
const DEVIATION = { width: 9, height: 11 } as const;

/** Images are shrunk and magnified by at most about 1.4: bounds of steps, in 1/128 of a pixel. */
export const STEPS = { least: 90, most: 179 } as const;

/** Binary digits of slopes and scales, and of the centre. */
export const RATIO_BITS = 8;
export const CENTRE_BITS = 12;

/** Standard deviation, doubled, that an image of this side gets. */
export function doubledDeviation(side: number, along: 'width' | 'height'): number {
  return Math.max(1, Math.round((DEVIATION[along] * side) / 28));
}

/** ⌊2ⁿ·a / b⌋, at most 2ⁿ − 1, also for b = 0. */
export function ratio(a: number, b: number, bits: number): number {
  return a >= b ? 2 ** bits - 1 : Math.floor((2 ** bits * a) / b);
}

/** How an image is moved, sheared and scaled so that its moments become those of all others (docs/numerics.md §8). */
export function placementOf(moments: Moments, { height, width }: Shape): Placement {
  const { mass, x, y, xx, xy, yy } = moments;
  const covariance = mass * xy - x * y;
  const varianceDown = mass * yy - y * y;
  const shear = ratio(Math.abs(covariance), varianceDown, RATIO_BITS);
  // What is left of the variance across once the shear is undone.
  const varianceAcross = mass * xx - x * x - Math.floor((Math.abs(covariance) * shear) / 256);
  const down = step(varianceDown, doubledDeviation(height, 'height') * mass);
  const across = step(varianceAcross, doubledDeviation(width, 'width') * mass);
  const slant = ((covariance < 0 ? -shear : shear) * down) >> 7;
  const centre = (sum: number): number => 2 * ratio(sum, 32 * mass, CENTRE_BITS);
  const [middleRow, middleColumn] = [height >> 1, width >> 1];
  return {
    y0: centre(y) - 2 * down * middleRow,
    yStep: 2 * down,
    x0: centre(x) - slant * middleRow - 2 * across * middleColumn,
    slant,
    xStep: 2 * across,
  };
}

function step(variance: number, scale: number): number {
  const deviation = Math.floor(Math.sqrt(variance));
  return Math.min(STEPS.most, Math.max(STEPS.least, ratio(deviation, scale, RATIO_BITS)));
}
