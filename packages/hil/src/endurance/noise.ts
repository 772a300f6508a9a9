import type { Model } from '@sparrow/model';
import { buildModel } from '../build-model.ts';
import { createQuestion } from '../chip-run.ts';
import { openSerialDevice } from '../serial-device.ts';
import { startVirtualUno } from '../virtual-uno/index.ts';

export interface NoiseOptions {
  /** `[image][row][column][channel]`, `count` of them. */
  readonly images: Uint8Array;
  readonly count: number;
  /** Of a frame to be damaged, in either direction. */
  readonly damagedFrames: number;
  readonly seed: number;
}

export interface NoiseResult {
  /** Frames of the images, both ways; what is sent again comes on top. */
  readonly frames: number;
  /** Bytes that were damaged. */
  readonly faults: number;
  readonly right: number;
  /** Answers with a logit that is not the interpreter's. */
  readonly wrong: number;
  /** One line each. */
  readonly errors: readonly string[];
  readonly seconds: number;
}

/** Of all faults: what becomes of a byte, by the share of each. */
const SHARES = { flip: 0.6, drop: 0.19, double: 0.19, delay: 0.01, stop: 0.01 } as const;

/** Bytes of a row command and of its answer: mean of both. */
const frameBytes = (rowBytes: number): number => (rowBytes + 4 + 6) / 2;

/** Sends images to a virtual Uno over a line that damages frames at random. */
export async function runThroughNoise(model: Model, options: NoiseOptions): Promise<NoiseResult> {
  const { images, count, damagedFrames, seed } = options;
  const { firmware } = await buildModel(model);
  const { height, width, channels } = model.architecture.input;
  const probability = damagedFrames / frameBytes(width * channels);
  const faults = Object.fromEntries(Object.entries(SHARES).map(([name, share]) => [name, share * probability]));
  const uno = await startVirtualUno({ firmwareHex: firmware.hex, faults, seed });
  const errors: string[] = [];
  let right = 0;
  const start = performance.now();
  try {
    const device = await openSerialDevice(uno.path, firmware, { flash: false, rowMilliseconds: 100 });
    const ask = createQuestion(device, model);
    for (let index = 0; index < count; index++) {
      const image = images.subarray((index * images.length) / count, ((index + 1) * images.length) / count);
      try {
        const { mismatchedLogits } = await ask(image);
        if (mismatchedLogits === 0) right++;
      } catch (error) {
        errors.push(error instanceof Error ? error.message : String(error));
      }
    }
    await device.close();
  } finally {
    await uno.close();
  }
  return {
    frames: 2 * count * (height + 1),
    faults: Object.values(uno.faultCounts).reduce((sum, times) => sum + times, 0),
    right,
    wrong: count - right - errors.length,
    errors,
    seconds: (performance.now() - start) / 1000,
  };
}
