import { conv2d, logits, sequential } from '../builder.ts';
import { naiveMomentNormalization } from '../testing/naive-preprocessing.ts';
import { IMAGE_MODES, randomImage, seededRandom } from '../testing/index.ts';
import { inferShapes } from '../shapes.ts';
import { preprocess } from './preprocess.ts';
import { momentsOf } from './moments.ts';

const SIDE = 28;
const INPUT = { height: SIDE, width: SIDE, channels: 1 };

function architectureOf(input = INPUT) {
  return { ...sequential(input, [conv2d(2, { kernel: 1 }), logits(3)]), preprocessing: 'momentNormalization' as const };
}

function normalise(image: Uint8Array, input = INPUT): Uint8Array {
  return preprocess(architectureOf(input), image);
}

/** A filled ellipse, leaning by `slant` columns a row. */
function ellipse({ slant = 0, down = 0, right = 0, height = 9.5, width = 7.5 }): Uint8Array {
  return Uint8Array.from({ length: SIDE * SIDE }, (_, index) => {
    const y = Math.floor(index / SIDE) - SIDE / 2 - down;
    const x = (index % SIDE) - SIDE / 2 - right - slant * y;
    return (x / width) ** 2 + (y / height) ** 2 < 1 ? 255 : 0;
  });
}

/** Centre, standard deviations and slope, of an image's bytes. */
function describeImage(image: Uint8Array) {
  const { mass, x, y, xx, xy, yy } = momentsOf(image, INPUT);
  const variance = yy / mass - (y / mass) ** 2;
  const covariance = xy / mass - (x / mass) * (y / mass);
  return {
    column: x / mass,
    row: y / mass,
    slope: covariance / variance,
    height: Math.sqrt(variance),
    width: Math.sqrt(xx / mass - (x / mass) ** 2 - covariance ** 2 / variance),
  };
}

describe('moment normalization', () => {
  test.each([
    { slant: 0.5 },
    { slant: -0.7 },
    { down: 4, right: -5 },
    { slant: 0.3, down: -3, right: 3, height: 9, width: 8 },
    { height: 13, width: 10 },
  ])('gives an ellipse %j the standard centre, slant and size', (shape) => {
    const { column, row, slope, height, width } = describeImage(normalise(ellipse(shape)));
    expect(Math.abs(row - SIDE / 2)).toBeLessThan(0.3);
    expect(Math.abs(column - SIDE / 2)).toBeLessThan(0.3);
    expect(Math.abs(slope)).toBeLessThan(0.03);
    expect(Math.abs(height - 5.5)).toBeLessThan(0.35);
    expect(Math.abs(width - 4.5)).toBeLessThan(0.35);
  });

  test('magnifies thin strokes by at most 1.4', () => {
    const thin = ellipse({ width: 1.1, height: 8 });
    const before = describeImage(thin).width;
    const after = describeImage(normalise(thin)).width;
    expect(after).toBeGreaterThan(before);
    expect(after).toBeLessThan(1.6 * before);
  });

  test.each([
    [28, 28],
    [32, 32],
    [1, 32],
    [32, 1],
    [13, 30],
    [5, 6],
  ])('is to the bit what the formulas in big integers say, for images of %i×%i', (height, width) => {
    const input = { height, width, channels: 1 };
    const random = seededRandom(height * 100 + width);
    for (const mode of [...IMAGE_MODES, ...IMAGE_MODES]) {
      const image = randomImage(input, random, mode);
      const pixel = naiveMomentNormalization(image, input);
      const wanted = Array.from(image, (_, index) => Number(pixel(Math.floor(index / width), index % width)));
      expect([...normalise(image, input)]).toEqual(wanted);
    }
  });

  test('takes images one by one', () => {
    const [first, second] = [ellipse({ slant: 0.4 }), ellipse({ right: 4 })];
    const both = normalise(Uint8Array.from([...first, ...second]));
    expect([...both]).toEqual([...normalise(first), ...normalise(second)]);
  });

  test.each([
    [{ height: 33, width: 28, channels: 1 }, '33×28×1'],
    [{ height: 28, width: 28, channels: 3 }, '28×28×3'],
  ])('refuses what its sums have no bits for, or has colours', (input, name) => {
    expect(() => inferShapes(architectureOf(input))).toThrow(
      `input ${name}: preprocessing 'momentNormalization' takes images of one channel, of at most 32×32`,
    );
  });
});
