/** Pixels of MNIST's images, a side. */
export const DIGIT_SIDE = 28;

/** What MNIST's digits fit in, a side. */
const BOX_SIDE = 20;

/** Ink below this is none, of 255: what antialiasing leaves around a stroke. */
const LEAST_INK = 16;

/** What a quotient of whole numbers may be off. */
const ROUNDING = 1e-9;

/** A square drawing: 0 is paper, 255 is ink, rows one after the other. */
export interface Drawing {
  readonly ink: Uint8Array;
  readonly side: number;
}

/**
 * Makes an image like MNIST's of a drawing: its ink is scaled, with its shape kept, to fit a box of 20 × 20 pixels, each pixel the mean of
 * what it covers, and the box is put where the centre of mass is the middle of 28 × 28 (LeCun et al. 1998, "The MNIST database").
 *
 * @returns 784 bytes, row by row; undefined of a blank drawing
 */
export function digitImage(drawing: Drawing): Uint8Array | undefined {
  const box = boundingBox(drawing);
  if (box === undefined) return undefined;
  const scale = Math.max(box.width, box.height) / BOX_SIDE;
  const width = Math.ceil(box.width / scale - ROUNDING);
  const height = Math.ceil(box.height / scale - ROUNDING);
  const scaled = Float64Array.from({ length: width * height }, (_, index) => {
    const column = index % width;
    const row = (index - column) / width;
    return meanInk(drawing, box.left + column * scale, box.top + row * scale, scale);
  });
  return centred(scaled, width, height);
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function boundingBox({ ink, side }: Drawing): Box | undefined {
  let [left, right, top, bottom] = [side, -1, side, -1];
  for (let index = 0; index < ink.length; index++) {
    if (ink[index] < LEAST_INK) continue;
    const column = index % side;
    const row = (index - column) / side;
    left = Math.min(left, column);
    right = Math.max(right, column);
    top = Math.min(top, row);
    bottom = Math.max(bottom, row);
  }
  return right < 0 ? undefined : { left, top, width: right + 1 - left, height: bottom + 1 - top };
}

/** Of a square of the drawing, with the parts of pixels that are in it; beyond the drawing there is paper. */
function meanInk({ ink, side }: Drawing, left: number, top: number, length: number): number {
  let sum = 0;
  for (let row = Math.floor(top); row < Math.min(side, top + length); row++) {
    const rowShare = Math.min(row + 1, top + length) - Math.max(row, top);
    for (let column = Math.floor(left); column < Math.min(side, left + length); column++) {
      const columnShare = Math.min(column + 1, left + length) - Math.max(column, left);
      sum += ink[row * side + column] * rowShare * columnShare;
    }
  }
  return sum / length ** 2;
}

function centred(scaled: Float64Array, width: number, height: number): Uint8Array {
  let [mass, columns, rows] = [0, 0, 0];
  scaled.forEach((ink, index) => {
    mass += ink;
    columns += ink * ((index % width) + 0.5);
    rows += ink * (Math.floor(index / width) + 0.5);
  });
  const left = offset(columns / mass, width);
  const top = offset(rows / mass, height);
  const image = new Uint8Array(DIGIT_SIDE ** 2);
  scaled.forEach((ink, index) => {
    const column = left + (index % width);
    const row = top + Math.floor(index / width);
    image[row * DIGIT_SIDE + column] = Math.round(ink);
  });
  return image;
}

/** Whole pixels, with all of the box inside. */
function offset(centre: number, length: number): number {
  return Math.max(0, Math.min(DIGIT_SIDE - length, Math.round(DIGIT_SIDE / 2 - centre)));
}
