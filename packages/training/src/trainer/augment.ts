import type { Random } from '../random.ts';
import type { Augmentation } from './recipe.ts';

export interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Fixed-point bits of a position between two pixels. */
const FRACTION_BITS = 8;
const ONE = 1 << FRACTION_BITS;

/**
 * Writes `source`, one image `[row][column][channel]`, randomly shifted, rotated and scaled about its centre, and mirrored, to `target`.
 * Bilinear; what comes from outside the image is 0.
 */
export function augment(
  source: Uint8Array,
  target: Uint8Array,
  shape: ImageShape,
  { shiftPixels, rotateDegrees, scaleFraction, mirrors = false }: Augmentation,
  random: Random,
): void {
  const angle = (random.symmetric(rotateDegrees) * Math.PI) / 180;
  const zoom = 1 / (1 + random.symmetric(scaleFraction));
  const cosine = Math.cos(angle) * zoom;
  const sine = Math.sin(angle) * zoom;
  const centreRow = (shape.height - 1) / 2;
  const centreColumn = (shape.width - 1) / 2;
  const shiftedRow = centreRow + random.symmetric(shiftPixels);
  const shiftedColumn = centreColumn + random.symmetric(shiftPixels);
  // Where the target's pixel (0, 0) comes from; each step along a row moves the source by (−sine, cosine).
  const row = centreRow - cosine * shiftedRow - sine * shiftedColumn;
  const column = centreColumn + sine * shiftedRow - cosine * shiftedColumn;
  warp(source, target, shape, { row, column, cosine, sine });
  if (mirrors && random.next() < 0.5) mirror(target, shape);
}

/** Left to right, in place. */
export function mirror(image: Uint8Array, { height, width, channels }: ImageShape): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width >> 1; x++) {
      for (let channel = 0; channel < channels; channel++) {
        const left = (y * width + x) * channels + channel;
        const right = (y * width + width - 1 - x) * channels + channel;
        [image[left], image[right]] = [image[right], image[left]];
      }
    }
  }
}

interface AffineMap {
  readonly row: number;
  readonly column: number;
  readonly cosine: number;
  readonly sine: number;
}

function warp(source: Uint8Array, target: Uint8Array, { height, width, channels }: ImageShape, map: AffineMap): void {
  const rowStep = Math.round(map.sine * ONE * ONE);
  const columnStep = Math.round(map.cosine * ONE * ONE);
  let index = 0;
  for (let y = 0; y < height; y++) {
    // 16 bits of fraction, so that rounding does not add up along a row.
    let sourceRow = Math.round((map.row + map.cosine * y) * ONE * ONE);
    let sourceColumn = Math.round((map.column - map.sine * y) * ONE * ONE);
    for (let x = 0; x < width; x++) {
      const top = sourceRow >> 16;
      const left = sourceColumn >> 16;
      if (top >= -1 && top < height && left >= -1 && left < width) {
        const down = (sourceRow >> FRACTION_BITS) & (ONE - 1);
        const right = (sourceColumn >> FRACTION_BITS) & (ONE - 1);
        const corner = (top * width + left) * channels;
        const hasTop = top >= 0;
        const hasBottom = top < height - 1;
        const hasLeft = left >= 0;
        const hasRight = left < width - 1;
        for (let channel = 0; channel < channels; channel++) {
          const at = corner + channel;
          const below = at + width * channels;
          const upper =
            (hasTop && hasLeft ? source[at] * (ONE - right) : 0) +
            (hasTop && hasRight ? source[at + channels] * right : 0);
          const lower =
            (hasBottom && hasLeft ? source[below] * (ONE - right) : 0) +
            (hasBottom && hasRight ? source[below + channels] * right : 0);
          target[index + channel] = (upper * (ONE - down) + lower * down + ONE * (ONE / 2)) >> 16;
        }
      } else {
        target.fill(0, index, index + channels);
      }
      index += channels;
      sourceRow += rowStep;
      sourceColumn += columnStep;
    }
  }
}
