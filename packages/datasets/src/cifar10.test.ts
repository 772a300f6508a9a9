import { halvesOf } from './cifar10.ts';
import type { Dataset, Split } from './dataset.ts';

const split = (seed: number): Split => ({
  count: 40,
  images: Uint8Array.from({ length: 40 * 12 }, (_, i) => (i * seed) & 255),
  labels: Uint8Array.from({ length: 40 }, (_, i) => (i * seed) % 10),
});

const dataset: Dataset = {
  name: 'ten',
  height: 2,
  width: 2,
  channels: 3,
  classes: 10,
  classNames: [...'abcdefghij'],
  train: split(3),
  validation: split(7),
  test: split(9),
};

test('two classes of ten: labels 0 to 4, and the rest; images and splits stay', () => {
  const before = structuredClone(dataset);
  const halves = halvesOf(dataset);
  expect([halves.name, halves.classes, halves.classNames]).toEqual(['ten-binary', 2, ['a/b/c/d/e', 'f/g/h/i/j']]);
  for (const part of ['train', 'validation', 'test'] as const) {
    expect([...halves[part].labels]).toEqual([...dataset[part].labels].map((label) => (label < 5 ? 0 : 1)));
    expect(halves[part].labels.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(halves[part].images).toBe(dataset[part].images);
    expect(halves[part].count).toBe(dataset[part].count);
  }
  expect(dataset).toEqual(before);
});
