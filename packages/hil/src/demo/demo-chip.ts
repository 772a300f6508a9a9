import type { Model } from '@sparrow/model';
import { createAvr8jsDevice } from '../avr8js-device.ts';
import { millisecondsOf } from '../atmega328p.ts';
import { EMULATOR_BAUD_RATE } from '../build.ts';
import { buildModel } from '../build-model.ts';
import { createCheck } from '../chip-run.ts';
import type { Device } from '../device.ts';
import { openBoard, type BoardOptions } from '../open-board.ts';

/** What the chip said of a digit. */
export interface DigitAnswer {
  readonly logits: readonly number[];
  /** The digit with the largest logit; the first of several. */
  readonly digit: number;
  readonly cycles: number;
  /** Of the chip, by its hardware timer. */
  readonly milliseconds: number;
  /** From the question to the answer, the serial line included. */
  readonly roundTripMilliseconds: number;
  /** Whether the reference interpreter gives the same logits. */
  readonly equalsInterpreter: boolean;
}

/** A chip, emulated or a board, that answers one image after the other, whoever asks. A board that went may come back. */
export class DemoChip {
  private readonly check: ReturnType<typeof createCheck>;
  private readonly open: () => Promise<Device>;
  private device: Device | undefined;
  private last: Promise<unknown> = Promise.resolve();

  private constructor(model: Model, open: () => Promise<Device>) {
    this.check = createCheck(model);
    this.open = open;
  }

  /**
   * `name`: `avr8js`, or the path of a serial port, whose board is flashed if it runs something else.
   *
   * @throws DoesNotFitError; Error in one line, if the board is not there or cannot be made to run the model
   */
  static async start(model: Model, name: string, options: BoardOptions = {}): Promise<DemoChip> {
    const chip = new DemoChip(model, () => openDevice(model, name, options));
    chip.device = await chip.open();
    return chip;
  }

  /** @throws Error in one line, if the board has gone; the next question looks for it anew */
  ask(image: Uint8Array): Promise<DigitAnswer> {
    const answer = this.last.then(() => this.infer(image));
    this.last = answer.catch(() => {});
    return answer;
  }

  async close(): Promise<void> {
    await this.last;
    await this.device?.close();
  }

  private async infer(image: Uint8Array): Promise<DigitAnswer> {
    this.device ??= await this.open();
    const start = performance.now();
    try {
      const { logits, cycles } = await this.device.infer(image);
      const roundTripMilliseconds = performance.now() - start;
      const { prediction, mismatchedLogits } = this.check(image, logits);
      return {
        logits: [...logits],
        digit: prediction,
        cycles,
        milliseconds: millisecondsOf(cycles),
        roundTripMilliseconds,
        equalsInterpreter: mismatchedLogits === 0,
      };
    } catch (error) {
      const { device } = this;
      this.device = undefined;
      await device.close();
      throw error;
    }
  }
}

async function openDevice(model: Model, name: string, options: BoardOptions): Promise<Device> {
  if (name !== 'avr8js') return (await openBoard(model, name, options)).device;
  const { firmware } = await buildModel(model, { baudRate: EMULATOR_BAUD_RATE });
  return createAvr8jsDevice(firmware);
}
