import { createInterpreter, type Model } from '@sparrow/model';
import type { Device } from './device.ts';

/** What a chip answered to a row of images. */
export interface ChipRun {
  /** The class with the highest logit (of equals, the first), one an image. */
  readonly predictions: Uint8Array;
  /** One an image. */
  readonly cycles: Uint32Array;
  /** Logits, over all images, that differ from the reference interpreter's. */
  readonly mismatchedLogits: number;
  /** Peak over all images. */
  readonly stackBytes: number;
}

/** What a chip answered to one image. */
export interface ImageAnswer {
  readonly prediction: number;
  readonly cycles: number;
  readonly mismatchedLogits: number;
}

/** Where the answers go: shared memory, so that several threads can work on the same images. Counters by name below. */
export interface RunRecord {
  readonly predictions: Uint8Array;
  readonly cycles: Uint32Array;
  readonly counters: Int32Array;
}

/** Index into `counters`: the next image that nobody has taken; images done; logits that differ. */
export const COUNTERS = { next: 0, done: 1, mismatched: 2 } as const;

export function createRunRecord(images: number): RunRecord {
  return {
    predictions: new Uint8Array(new SharedArrayBuffer(images)),
    cycles: new Uint32Array(new SharedArrayBuffer(4 * images)),
    counters: new Int32Array(new SharedArrayBuffer(4 * Object.keys(COUNTERS).length)),
  };
}

/**
 * Takes images that nobody has taken yet until there are none, and checks every logit. Several devices can share a record.
 * `pause` is awaited between images.
 */
export async function runImages(
  device: Device,
  model: Model,
  images: Uint8Array,
  record: RunRecord,
  pause: () => Promise<unknown> = async () => {},
): Promise<void> {
  const ask = createQuestion(device, model);
  const count = record.predictions.length;
  const imageBytes = images.length / count;
  for (;;) {
    const index = Atomics.add(record.counters, COUNTERS.next, 1);
    if (index >= count) return;
    const answer = await ask(images.subarray(index * imageBytes, (index + 1) * imageBytes));
    record.predictions[index] = answer.prediction;
    record.cycles[index] = answer.cycles;
    Atomics.add(record.counters, COUNTERS.mismatched, answer.mismatchedLogits);
    Atomics.add(record.counters, COUNTERS.done, 1);
    await pause();
  }
}

/** Has the device compute an image, and checks every logit. */
export function createQuestion(device: Device, model: Model): (image: Uint8Array) => Promise<ImageAnswer> {
  const check = createCheck(model);
  return async (image) => {
    const { logits, cycles } = await device.infer(image);
    return { ...check(image, logits), cycles };
  };
}

/** What a chip's logits say of an image, and how many of them are not the reference interpreter's. */
export function createCheck(model: Model): (image: Uint8Array, logits: Int32Array) => Omit<ImageAnswer, 'cycles'> {
  const interpreter = createInterpreter(model);
  return (image, logits) => ({
    prediction: argMax(logits),
    mismatchedLogits: countDifferences(logits, interpreter.infer(image)),
  });
}

function argMax(values: Int32Array): number {
  return values.reduce((best, value, index) => (value > values[best] ? index : best), 0);
}

function countDifferences(actual: Int32Array, expected: Int32Array): number {
  return expected.reduce((count, value, index) => count + (value === actual[index] ? 0 : 1), 0);
}
