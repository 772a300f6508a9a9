import type { Model } from '@sparrow/model';
import { createQuestion, type ChipRun, type ImageAnswer } from './chip-run.ts';
import type { Device } from './device.ts';
import type { RunOptions } from './emulator-run.ts';
import type { RunJournal } from './run-journal.ts';

export interface BoardRunOptions extends Pick<RunOptions, 'onProgress' | 'signal'> {
  /** Images that are in there are not run again; what is run is written there. */
  readonly journal?: RunJournal;
}

/**
 * Runs `count` images, concatenated in `images`, on any device that already runs the model's firmware: a board. The stack is
 * what the paint shows.
 *
 * @throws Error in one line that says how far it got
 */
export async function runOnDevice(
  device: Device,
  model: Model,
  images: Uint8Array,
  count: number,
  options: BoardRunOptions = {},
): Promise<ChipRun> {
  const progress = new Progress(count, options);
  try {
    return await run(device, model, images, progress, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw new Error(`${error instanceof Error ? error.message : String(error)} (${progress})`, { cause: error });
  }
}

async function run(
  device: Device,
  model: Model,
  images: Uint8Array,
  progress: Progress,
  { journal, signal }: BoardRunOptions,
): Promise<ChipRun> {
  const { predictions, cycles } = progress;
  const ask = createQuestion(device, model);
  const imageBytes = images.length / predictions.length;
  let stackBytes = journal?.stackBytes ?? 0;
  const readStack = async (): Promise<void> => {
    const bytes = await device.paintedStackBytes();
    journal?.addStack(bytes);
    stackBytes = Math.max(stackBytes, bytes);
  };
  let isFirst = true;
  for (let index = 0; index < predictions.length; index++) {
    if (progress.isDone[index]) continue;
    signal?.throwIfAborted();
    const answer = await ask(images.subarray(index * imageBytes, (index + 1) * imageBytes));
    // Read after the first image too: if the run is cut off, the rest may be none that goes as deep.
    if (isFirst) await readStack();
    isFirst = false;
    journal?.add({ index, ...answer });
    progress.add(index, answer);
  }
  if (!isFirst) await readStack();
  return { predictions, cycles, mismatchedLogits: progress.mismatchedLogits, stackBytes };
}

/** What is known of each image so far. */
class Progress {
  readonly predictions: Uint8Array;
  readonly cycles: Uint32Array;
  readonly isDone: boolean[];
  mismatchedLogits = 0;
  private done = 0;
  private readonly options: BoardRunOptions;

  constructor(count: number, options: BoardRunOptions) {
    this.predictions = new Uint8Array(count);
    this.cycles = new Uint32Array(count);
    this.isDone = new Array<boolean>(count).fill(false);
    this.options = options;
    for (const image of options.journal?.finished ?? []) this.add(image.index, image);
  }

  add(index: number, answer: ImageAnswer): void {
    if (this.isDone[index]) return;
    this.predictions[index] = answer.prediction;
    this.cycles[index] = answer.cycles;
    this.mismatchedLogits += answer.mismatchedLogits;
    this.isDone[index] = true;
    this.options.onProgress?.(++this.done);
  }

  toString(): string {
    const done = `${this.done.toLocaleString('en-US')} of ${this.predictions.length.toLocaleString('en-US')} images are finished`;
    return this.options.journal === undefined ? done : `${done}: the same command goes on from there`;
  }
}
