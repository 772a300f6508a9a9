import { DoesNotFitError, measureOnBoard, type Measurement } from '@sparrow/hil';
import type { Model } from '@sparrow/model';

/** All boards of a search are gone. */
export class NoBoardError extends Error {
  override readonly name = 'NoBoardError';
}

/** Of one measurement on one board, before the board is put aside. */
const ATTEMPTS = 2;

/** Boards that measure networks, each one at a time. One that fails is put aside, and the others go on. */
export class Boards {
  private readonly all: readonly string[];
  private readonly idle: string[];
  private readonly waiting: (() => void)[] = [];
  private readonly note: (line: string) => void;
  private left: number;
  private lastComplaint = '';

  /** `paths`: of their serial ports. `note`: gets a line about each that is put aside, or disagrees with the emulated chip. */
  constructor(paths: readonly string[], note: (line: string) => void) {
    this.all = paths;
    this.idle = [...paths];
    this.left = paths.length;
    this.note = note;
  }

  toString(): string {
    return `${this.all.length === 1 ? 'the board' : 'the boards'} at ${this.all.join(', ')}`;
  }

  /**
   * Waits for a board, flashes it with the model and runs the images.
   *
   * @throws DoesNotFitError; NoBoardError in one line, if there is no board any more
   */
  async measure(model: Model, images: Uint8Array, labels: Uint8Array, dataset: string): Promise<Measurement> {
    for (;;) {
      const device = await this.take();
      try {
        const measurement = await this.attempt(model, images, labels, { dataset, device });
        this.giveBack(device);
        this.compare(model, measurement);
        return measurement;
      } catch (error) {
        if (error instanceof DoesNotFitError) {
          this.giveBack(device);
          throw error;
        }
        this.putAside(device, error instanceof Error ? error.message : String(error));
      }
    }
  }

  private async attempt(
    model: Model,
    images: Uint8Array,
    labels: Uint8Array,
    options: { readonly dataset: string; readonly device: string },
  ): Promise<Measurement> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await measureOnBoard(model, images, labels, { ...options, jobs: 1 });
      } catch (error) {
        if (error instanceof DoesNotFitError || attempt === ATTEMPTS) throw error;
      }
    }
  }

  private async take(): Promise<string> {
    for (;;) {
      if (this.left === 0) {
        throw new NoBoardError(`${this.lastComplaint}: no board is left, the study goes on with the same --study`);
      }
      const device = this.idle.shift();
      if (device !== undefined) return device;
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  private giveBack(device: string): void {
    this.idle.push(device);
    this.waiting.shift()?.();
  }

  private putAside(device: string, complaint: string): void {
    this.left--;
    this.lastComplaint = complaint;
    this.note(`${device} measures no more: ${complaint}`);
    for (const wake of this.waiting.splice(0)) wake();
  }

  private compare({ name }: Model, { device, images, mismatchedLogits, emulator }: Measurement): void {
    if (mismatchedLogits > 0) this.note(`${device}, ${name}: ${mismatchedLogits} logits differ from the interpreter's`);
    const others = emulator?.imagesWithOtherCycles ?? 0;
    if (others > 0)
      this.note(`${device}, ${name}: other cycles than the emulated chip's in ${others} of ${images} images`);
  }
}
