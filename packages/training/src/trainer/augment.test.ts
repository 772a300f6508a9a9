import fc from 'fast-check';
import { Random } from '../random.ts';
import { augment, mirror } from './augment.ts';

const still = { shiftPixels: 0, rotateDegrees: 0, scaleFraction: 0 };
const shape = { height: 9, width: 12, channels: 3 };
const size = shape.height * shape.width * shape.channels;
const images = fc.uint8Array({ minLength: size, maxLength: size });

/** A disc of 255 in the middle: where it goes, the centre of mass tells. */
function disc(): Uint8Array {
  return Uint8Array.from({ length: 28 * 28 }, (_, i) =>
    Math.hypot(Math.floor(i / 28) - 13.5, (i % 28) - 13.5) < 5 ? 255 : 0,
  );
}

function moments(image: Uint8Array): { mass: number; row: number; column: number } {
  let [mass, row, column] = [0, 0, 0];
  image.forEach((value, i) => {
    mass += value;
    row += value * Math.floor(i / 28);
    column += value * (i % 28);
  });
  return { mass, row: row / mass, column: column / mass };
}

function warped(augmentation: Parameters<typeof augment>[3], seed: number): Uint8Array {
  const target = new Uint8Array(28 * 28);
  augment(disc(), target, { height: 28, width: 28, channels: 1 }, augmentation, new Random(seed));
  return target;
}

test('no augmentation leaves an image as it is, of any size and number of channels', () => {
  fc.assert(
    fc.property(images, fc.nat(), (image, seed) => {
      const target = new Uint8Array(size).fill(7);
      augment(image, target, shape, still, new Random(seed));
      expect(target).toEqual(image);
    }),
  );
});

test('half of the images are mirrored, and a mirrored mirror image is the image', () => {
  fc.assert(
    fc.property(images, (image) => {
      const twice = image.slice();
      mirror(twice, shape);
      expect(twice[0]).toBe(image[(shape.width - 1) * shape.channels]);
      mirror(twice, shape);
      expect(twice).toEqual(image);
    }),
  );
  const image = Uint8Array.from({ length: size }, (_, index) => index % 251);
  const target = new Uint8Array(size);
  const random = new Random(1);
  let mirrored = 0;
  for (let i = 0; i < 400; i++) {
    augment(image, target, shape, { ...still, mirrors: true }, random);
    if (target[0] !== image[0]) mirrored++;
  }
  expect(Math.abs(mirrored - 200)).toBeLessThan(50);
});

test('a shift moves the centre of mass by at most its limit, and keeps the mass', () => {
  const middle = moments(disc());
  for (let seed = 0; seed < 50; seed++) {
    const { mass, row, column } = moments(warped({ ...still, shiftPixels: 3 }, seed));
    expect(Math.abs(row - 13.5)).toBeLessThan(3.01);
    expect(Math.abs(column - 13.5)).toBeLessThan(3.01);
    expect(mass / middle.mass).toBeCloseTo(1, 2);
  }
});

test('rotation keeps the centre; scale changes the area by its square', () => {
  const before = moments(disc());
  const areas: number[] = [];
  for (let seed = 0; seed < 50; seed++) {
    const rotated = moments(warped({ ...still, rotateDegrees: 30 }, seed));
    expect(rotated.row).toBeCloseTo(13.5, 1);
    expect(rotated.column).toBeCloseTo(13.5, 1);
    areas.push(moments(warped({ ...still, scaleFraction: 0.2 }, seed)).mass / before.mass);
  }
  expect(Math.min(...areas)).toBeGreaterThan(0.62);
  expect(Math.min(...areas)).toBeLessThan(0.75);
  expect(Math.max(...areas)).toBeLessThan(1.46);
  expect(Math.max(...areas)).toBeGreaterThan(1.3);
});
