import type { Split } from './dataset.ts';
import { parseIdx } from './idx.ts';
import { slice } from './split.ts';

/** The four files that MNIST, and what is laid out like it, comes in. */
export const IDX_FILES = [
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte',
  't10k-images-idx3-ubyte',
  't10k-labels-idx1-ubyte',
] as const;

export type IdxFile = (typeof IDX_FILES)[number];

const VALIDATION_IMAGES = 5_000;

export interface Splits {
  readonly train: Split;
  readonly validation: Split;
  readonly test: Split;
}

/** Parses the four files; the last 5,000 training images, in the files' order, become the validation split. */
export function splitsOfIdxFiles(files: Readonly<Record<IdxFile, Uint8Array>>): Splits {
  const training = parseSplit(files, 'train');
  const trainImages = training.count - VALIDATION_IMAGES;
  return {
    train: slice(training, 0, trainImages),
    validation: slice(training, trainImages, training.count),
    test: parseSplit(files, 't10k'),
  };
}

function parseSplit(files: Readonly<Record<IdxFile, Uint8Array>>, part: 'train' | 't10k'): Split {
  const images = `${part}-images-idx3-ubyte` as const;
  const labels = `${part}-labels-idx1-ubyte` as const;
  const parsedLabels = parseIdx(files[labels], 1, labels).elements;
  return { count: parsedLabels.length, images: parseIdx(files[images], 3, images).elements, labels: parsedLabels };
}
