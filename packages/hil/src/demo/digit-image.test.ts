import fc from 'fast-check';
import { loadDataset } from '@sparrow/datasets';
import { createInterpreter, readModel } from '@sparrow/model';
import { findModel } from '../find-model.ts';
import { workspaceRoot } from '../toolchain.ts';
import { digitImage, type Drawing } from './digit-image.ts';

const SIDE = 280;

function draw(paint: (row: number, column: number) => number): Drawing {
  const ink = Uint8Array.from({ length: SIDE ** 2 }, (_, index) => paint(Math.floor(index / SIDE), index % SIDE));
  return { ink, side: SIDE };
}

/** An ellipse: a digit 0 of some size and place. */
const ring = (row: number, column: number, height: number, width: number): Drawing =>
  draw((y, x) => {
    const radius = Math.hypot((y - row) / height, (x - column) / width);
    return radius < 1 && radius > 0.7 ? 255 : 0;
  });

test('where a digit is drawn does not matter', () => {
  const middle = digitImage(ring(140, 140, 60, 40));
  const place = fc.integer({ min: 61, max: 218 });
  fc.assert(
    fc.property(place, place, (row, column) => {
      expect(digitImage(ring(row, column, 60, 40))).toEqual(middle);
    }),
    { numRuns: 20 },
  );
});

test('how large it is drawn hardly matters: it always fills 20 pixels, with its centre of mass in the middle', () => {
  fc.assert(
    fc.property(fc.integer({ min: 25, max: 130 }), fc.double({ min: 0.3, max: 1, noNaN: true }), (height, slimness) => {
      const image = digitImage(ring(140, 140, height, height * slimness)) ?? new Uint8Array();
      const rows = Array.from({ length: 28 }, (_, row) => image.subarray(28 * row, 28 * (row + 1)));
      expect(rows.filter((row) => row.some((ink) => ink > 0))).toHaveLength(20);
      const mass = image.reduce((sum, ink) => sum + ink, 0);
      const centre = rows.reduce((sum, row, index) => sum + (index + 0.5) * row.reduce((a, b) => a + b, 0), 0) / mass;
      expect(Math.abs(centre - 14)).toBeLessThanOrEqual(0.5);
    }),
    { numRuns: 20 },
  );
});

test('a drawing without ink is none, a dot is a full box', () => {
  expect(digitImage(draw(() => 9))).toBeUndefined();
  const dot = digitImage(draw((y, x) => (y === 5 && x === 7 ? 255 : 0))) ?? new Uint8Array();
  expect(dot.filter((ink) => ink === 255)).toHaveLength(400);
});

test('digits of MNIST, drawn large, are read like themselves', async () => {
  const count = 25;
  const { test: split } = await loadDataset('mnist');
  const { infer } = createInterpreter(
    readModel(findModel(`${workspaceRoot}/zoo/mnist/compact`, 'mnist', workspaceRoot)),
  );
  const best = (logits: Int32Array): number => logits.indexOf(Math.max(...logits));
  let same = 0;
  for (let index = 0; index < count; index++) {
    const digit = split.images.subarray(index * 784, (index + 1) * 784);
    const large = draw((y, x) => digit[Math.floor(y / 10) * 28 + Math.floor(x / 10)]);
    const image = digitImage(large) ?? new Uint8Array(784);
    if (best(Int32Array.from(infer(image))) === best(Int32Array.from(infer(digit)))) same++;
  }
  expect(same).toBeGreaterThanOrEqual(24);
});
