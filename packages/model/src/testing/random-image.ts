import type { Shape } from '../architecture.ts';
import { shapeSize } from '../shapes.ts';
import { integer, pick, type Random } from './random.ts';

/** `zero` and `full` are all 0 and all 255; `strokes` are bright lines on black, as in MNIST. */
export const IMAGE_MODES = ['noise', 'zero', 'full', 'strokes', 'gradient'] as const;
export type ImageMode = (typeof IMAGE_MODES)[number];

/** An image of bytes `[row][column][channel]`; without a mode, any of them. */
export function randomImage(shape: Shape, random: Random, mode: ImageMode = pick(random, IMAGE_MODES)): Uint8Array {
  const image = new Uint8Array(shapeSize(shape));
  switch (mode) {
    case 'noise':
      return image.map(() => integer(random, 0, 255));
    case 'zero':
      return image;
    case 'full':
      return image.fill(255);
    case 'strokes':
      return drawStrokes(image, shape, random);
    case 'gradient':
      return drawGradient(image, shape, random);
  }
}

function drawStrokes(image: Uint8Array, { height, width, channels }: Shape, random: Random): Uint8Array {
  for (let stroke = integer(random, 1, 3); stroke > 0; stroke--) {
    let row = integer(random, 0, height - 1);
    let column = integer(random, 0, width - 1);
    for (let step = integer(random, 1, height + width); step > 0; step--) {
      for (let k = 0; k < channels; k++) image[(row * width + column) * channels + k] = integer(random, 128, 255);
      row = clamp(row + integer(random, -1, 1), height - 1);
      column = clamp(column + integer(random, -1, 1), width - 1);
    }
  }
  return image;
}

function drawGradient(image: Uint8Array, { height, width, channels }: Shape, random: Random): Uint8Array {
  const down = integer(random, -255, 255) / height;
  const right = integer(random, -255, 255) / width;
  const start = integer(random, 0, 255);
  return image.map((_, index) => {
    const pixel = Math.floor(index / channels);
    return clamp(Math.round(start + down * Math.floor(pixel / width) + right * (pixel % width)), 255);
  });
}

function clamp(value: number, highest: number): number {
  return Math.min(highest, Math.max(0, value));
}
