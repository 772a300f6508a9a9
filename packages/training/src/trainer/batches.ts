import type { Split } from '@sparrow/datasets';
import type { Batch } from '../engine.ts';
import { Random } from '../random.ts';
import { augment, type ImageShape } from './augment.ts';
import type { Augmentation } from './recipe.ts';

/** Streams of random numbers of one training: 0 chooses the images, 1 calibrates, epochs follow. */
const SUBSET_STREAM = 0;
const FIRST_EPOCH_STREAM = 16;

export interface BatchOptions {
  readonly batchSize: number;
  readonly augmentation: Augmentation;
  readonly seed: number;
  /** How many of the split's images to use; all by default. */
  readonly images?: number;
}

/** The training images of one run, epoch by epoch in another order and shape. The same seed gives the same batches. */
export class Batches {
  readonly perEpoch: number;
  readonly #split: Split;
  readonly #shape: ImageShape;
  readonly #options: BatchOptions;
  readonly #subset: Uint32Array;
  readonly #imageBytes: number;

  constructor(split: Split, shape: ImageShape, options: BatchOptions) {
    this.#split = split;
    this.#shape = shape;
    this.#options = options;
    this.#imageBytes = shape.height * shape.width * shape.channels;
    this.#subset = new Random(options.seed, SUBSET_STREAM).permutation(split.count).slice(0, options.images);
    this.perEpoch = Math.floor(this.#subset.length / options.batchSize);
    if (this.perEpoch === 0) {
      throw new Error(`${this.#subset.length} training images are less than one batch of ${options.batchSize}`);
    }
  }

  /** One epoch; images that do not fill a batch wait for the next. The batch's arrays are written anew for each. */
  *epoch(epoch: number): Generator<Batch> {
    const { batchSize, augmentation, seed } = this.#options;
    const random = new Random(seed, FIRST_EPOCH_STREAM + epoch);
    const order = random.permutation(this.#subset.length);
    const images = new Uint8Array(batchSize * this.#imageBytes);
    const labels = new Uint8Array(batchSize);
    for (let batch = 0; batch < this.perEpoch; batch++) {
      for (let i = 0; i < batchSize; i++) {
        const image = this.#subset[order[batch * batchSize + i]];
        const target = images.subarray(i * this.#imageBytes, (i + 1) * this.#imageBytes);
        augment(this.#image(image), target, this.#shape, augmentation, random);
        labels[i] = this.#split.labels[image];
      }
      yield { images, labels };
    }
  }

  /** Some images as they are, to choose activation scales from: `[image][row][column][channel]`. */
  calibrationImages(count: number): Uint8Array {
    const chosen = this.#subset.subarray(0, count);
    const images = new Uint8Array(chosen.length * this.#imageBytes);
    chosen.forEach((image, i) => images.set(this.#image(image), i * this.#imageBytes));
    return images;
  }

  #image(image: number): Uint8Array {
    return this.#split.images.subarray(image * this.#imageBytes, (image + 1) * this.#imageBytes);
  }
}
