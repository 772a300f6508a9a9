import type { Shape } from '../architecture.ts';
import { LARGEST_LEVEL } from './moments.ts';
import type { Placement } from './normalization.ts';

/** Weights of two neighbouring rows add up to this. */
export const ROW_WEIGHT = 64;

export const PIXEL_OF_LEVEL = 255 / LARGEST_LEVEL;

/** The normalised image, bilinear: first between rows, then between columns; what comes from outside is 0. */
export function resample(levels: Uint8Array, { height, width }: Shape, placement: Placement, output: Uint8Array): void {
  const between = new Uint8Array(width);
  const at = (column: number): number => (column >= 0 && column < width ? between[column] : 0);
  for (let row = 0; row < height; row++) {
    betweenRows(levels, { height, width }, placement.y0 + row * placement.yStep, between);
    let position = placement.x0 + row * placement.slant;
    for (let column = 0; column < width; column++, position += placement.xStep) {
      const left = position >> 8;
      const right = position & 255;
      output[row * width + column] = (at(left) * (256 - right) + at(left + 1) * right) >> 8;
    }
  }
}

function betweenRows(
  levels: Uint8Array,
  { height, width }: Pick<Shape, 'height' | 'width'>,
  position: number,
  output: Uint8Array,
): void {
  const upper = position >> 8;
  const lowerWeight = (position & 255) >> 2;
  const at = (row: number, column: number): number => (row >= 0 && row < height ? levels[row * width + column] : 0);
  for (let column = 0; column < width; column++) {
    const sum = at(upper, column) * (ROW_WEIGHT - lowerWeight) + at(upper + 1, column) * lowerWeight;
    output[column] = (PIXEL_OF_LEVEL * sum) >> 6;
  }
}
