import { encode } from 'fast-png';
import { decodeSheet } from './png-sheet.ts';

const width = 32;
const images = 5;
const pixels = Uint8Array.from({ length: images * width * 3 }, (_, i) => (i * i * 31 + i) & 255);
const png = encode({ width, height: images, data: pixels, depth: 8, channels: 3 });

test('the pixels of a sheet come out as they went in', () => {
  expect(decodeSheet(png, images, width * 3, 'sheet.png')).toEqual(pixels);
});

test('a sheet of another size or kind is refused', () => {
  expect(() => decodeSheet(png, images + 1, width * 3, 'sheet.png')).toThrow(
    'sheet.png: 32 × 5 pixels of 3 × 8 bits, not 32 × 6 of 3 × 8',
  );
  const grey = encode({ width: width * 3, height: images, data: pixels, depth: 8, channels: 1 });
  expect(() => decodeSheet(grey, images, width * 3, 'sheet.png')).toThrow(/^sheet.png: 96 × 5 pixels of 1 × 8 bits/);
});

test('a flipped bit and a missing end are refused in one line', () => {
  const flipped = png.slice();
  flipped[Math.floor(png.length / 2)] ^= 1;
  for (const damaged of [flipped, png.subarray(0, png.length / 2), new Uint8Array(0)]) {
    expect(() => decodeSheet(damaged, images, width * 3, 'sheet.png')).toThrow(/^sheet.png: not a whole PNG [^\n]*$/);
  }
});
