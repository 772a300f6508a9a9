import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import crc32 from 'crc/calculators/crc32';
import type { ImageAnswer } from './chip-run.ts';

/** What makes two runs the same one. */
export interface RunKey {
  /** Of the firmware, which contains the model. */
  readonly firmwareId: number;
  readonly dataset: string;
  readonly images: Uint8Array;
  readonly count: number;
}

export interface FinishedImage extends ImageAnswer {
  readonly index: number;
}

/**
 * A file with what a board has answered so far, a line an image, so that a run that was cut off (an unplugged cable, Ctrl-C,
 * `kill -9`) goes on behind the last image that was finished. It is removed when the run is complete.
 */
export class RunJournal {
  readonly finished: FinishedImage[] = [];
  /** Peak of the stack in the earlier parts of the run; the chip forgets it with each reset. */
  stackBytes = 0;
  private readonly file: string;
  private readonly descriptor: number;

  /** `fresh`: an earlier part is forgotten. */
  constructor(folder: string, key: RunKey, fresh = false) {
    mkdirSync(folder, { recursive: true });
    this.file = join(folder, `${nameOf(key)}.jsonl`);
    if (fresh) rmSync(this.file, { force: true });
    this.load();
    this.descriptor = openSync(this.file, 'a');
  }

  add(image: FinishedImage): void {
    const { index, prediction, cycles, mismatchedLogits } = image;
    this.append([index, prediction, cycles, mismatchedLogits]);
    this.finished.push(image);
  }

  addStack(bytes: number): void {
    this.append([bytes]);
    this.stackBytes = Math.max(this.stackBytes, bytes);
  }

  /** `complete`: there is nothing to go on with. */
  close(complete: boolean): void {
    closeSync(this.descriptor);
    if (complete) rmSync(this.file, { force: true });
  }

  private append(numbers: readonly number[]): void {
    writeSync(this.descriptor, `${JSON.stringify(numbers)}\n`);
  }

  private load(): void {
    if (!existsSync(this.file)) return;
    const text = readFileSync(this.file, 'utf8');
    // A line that was being written when the process was killed is dropped.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    truncateSync(this.file, Buffer.byteLength(whole));
    for (const line of whole.split('\n').slice(0, -1)) {
      const [index, prediction, cycles, mismatchedLogits] = JSON.parse(line) as number[];
      if (prediction === undefined) this.stackBytes = Math.max(this.stackBytes, index);
      else this.finished.push({ index, prediction, cycles, mismatchedLogits });
    }
  }
}

function nameOf({ firmwareId, dataset, images, count }: RunKey): string {
  const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');
  return `${hex(firmwareId)}-${dataset}-${count}-${hex(crc32(images))}`;
}
