import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imageOf, labelOf, smallSizes, writeSmallPackage } from './cifar10-package.fixture.ts';
import { CIFAR10_FILES, decodeCifar10Package } from './cifar10-package.ts';

let folder: string;
let source: string;
let target: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sparrow-cifar10-'));
  [source, target] = [join(folder, 'package'), join(folder, 'files')];
  await writeSmallPackage(source);
  await mkdir(target);
});
afterEach(() => rm(folder, { recursive: true }));

const decode = (): Promise<void> => decodeCifar10Package(source, target, smallSizes);

async function imagesIn(part: string): Promise<Buffer[]> {
  const bytes = await readFile(join(target, `${part}-images`));
  return Array.from({ length: bytes.length / 3_072 }, (_, i) => bytes.subarray(i * 3_072, (i + 1) * 3_072));
}

test('every image lands in one split, in the order of the sheets, with its label', async () => {
  await decode();
  expect((await readdir(target)).sort()).toEqual([...CIFAR10_FILES].sort());
  const left = Array.from({ length: 120 }, (_, image) => image);
  for (const [part, count] of Object.entries({ train: 80, validation: 20, test: 20 })) {
    const images = await imagesIn(part);
    const labels = await readFile(join(target, `${part}-labels`));
    expect([images.length, labels.length]).toEqual([count, count]);
    const numbers = images.map((image) => left.find((number) => image.equals(imageOf(number))) ?? -1);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect([...labels]).toEqual(numbers.map(labelOf));
    for (const number of numbers) left.splice(left.indexOf(number), 1);
    if (part === 'validation') expect([...labels].sort()).toEqual([...Array(20).keys()].map((i) => i >> 1));
  }
  expect(left).toEqual([]);
});

test('labels that are not labels, and sheets that are not whole, are refused in one line', async () => {
  await writeFile(join(source, 'train_lables.json'), JSON.stringify([1, 2, 10]));
  await expect(decode()).rejects.toThrow(/train_lables.json: not an array of 100 labels from 0 to 9$/);
  await writeSmallPackage(source);
  const sheet = await readFile(join(source, 'data_batch_3.png'));
  await writeFile(join(source, 'data_batch_3.png'), sheet.subarray(0, -100));
  await expect(decode()).rejects.toThrow(/^data_batch_3.png: not a whole PNG/);
});
