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

/** The source in the middle of zeros, so that no pixel needs to be asked whether it is in the image; kept, as every image needs it. */
let padded = new Uint8Array();

function warp(source: Uint8Array, target: Uint8Array, shape: ImageShape, map: AffineMap): void {
  const { height, width, channels } = shape;
  const margin = marginOf(shape, map);
  const stride = (width + 2 * margin) * channels;
  const pixels = pad(source, shape, margin);
  const rowStep = Math.round(map.sine * ONE * ONE);
  const columnStep = Math.round(map.cosine * ONE * ONE);
  let index = 0;
  for (let y = 0; y < height; y++) {
    // 16 bits of fraction, so that rounding does not add up along a row.
    let sourceRow = Math.round((map.row + map.cosine * y) * ONE * ONE);
    let sourceColumn = Math.round((map.column - map.sine * y) * ONE * ONE);
    for (let x = 0; x < width; x++) {
      const down = (sourceRow >> FRACTION_BITS) & (ONE - 1);
      const right = (sourceColumn >> FRACTION_BITS) & (ONE - 1);
      const corner = ((sourceRow >> 16) + margin) * stride + ((sourceColumn >> 16) + margin) * channels;
      for (let at = corner; at < corner + channels; at++) {
        const upper = pixels[at] * (ONE - right) + pixels[at + channels] * right;
        const lower = pixels[at + stride] * (ONE - right) + pixels[at + stride + channels] * right;
        target[index++] = (upper * (ONE - down) + lower * down + ONE * (ONE / 2)) >> 16;
      }
      sourceRow += rowStep;
      sourceColumn += columnStep;
    }
  }
}

/** How far outside of the image pixels may come from: an affine map is furthest out in a corner. */
function marginOf({ height, width }: ImageShape, { row, column, cosine, sine }: AffineMap): number {
  let margin = 0;
  for (const y of [0, height - 1]) {
    for (const x of [0, width - 1]) {
      const sourceRow = row + cosine * y + sine * x;
      const sourceColumn = column - sine * y + cosine * x;
      margin = Math.max(margin, -sourceRow, sourceRow - height, -sourceColumn, sourceColumn - width);
    }
  }
  return Math.ceil(margin) + 2;
}

function pad(source: Uint8Array, { height, width, channels }: ImageShape, margin: number): Uint8Array {
  const stride = (width + 2 * margin) * channels;
  const bytes = (height + 2 * margin) * stride;
  if (padded.length < bytes) padded = new Uint8Array(bytes);
  else padded.fill(0, 0, bytes);
  let from = 0;
  for (let y = 0; y < height; y++) {
    let to = (y + margin) * stride + margin * channels;
    for (const end = from + width * channels; from < end; from++) padded[to++] = source[from];
  }
  return padded;
}
