import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom, type Model } from '@sparrow/model';
import { runOnDevice } from '../board-run.ts';
import { buildModel } from '../build-model.ts';
import type { ChipRun } from '../chip-run.ts';
import type { Device } from '../device.ts';
import { RunJournal } from '../run-journal.ts';
import { openSerialDevice } from '../serial-device.ts';
import { startVirtualUno, type VirtualUno } from '../virtual-uno/index.ts';

export interface CutOptions {
  readonly images: Uint8Array;
  readonly count: number;
  readonly cuts: number;
  readonly seed: number;
}

export interface CutResult {
  /** From each cut to the end of the run, in seconds. */
  readonly seconds: readonly number[];
  /** What each run ended with. */
  readonly errors: readonly string[];
  /** Images that were written down as finished and then run again. */
  readonly repeated: number;
  readonly run: ChipRun;
}

/** Pulls a virtual Uno's cable out in mid-run, at random moments, each time goes on, and at last finishes the run. */
export async function runThroughCuts(model: Model, { images, count, cuts, seed }: CutOptions): Promise<CutResult> {
  const random = seededRandom(seed);
  const folder = await mkdtemp(join(tmpdir(), 'sparrow-cuts-'));
  const { firmware } = await buildModel(model);
  const uno = await startVirtualUno({ firmwareHex: firmware.hex });
  const key = { firmwareId: firmware.id, dataset: 'cuts', images, count };
  const finished = new Set<number>();
  const seconds: number[] = [];
  const errors: string[] = [];
  let repeated = 0;
  const goOn = async (cutter: Cutter): Promise<ChipRun> => {
    const device = await openSerialDevice(uno.path, firmware, { flash: false, rowMilliseconds: 100 });
    const journal = new RunJournal(folder, key);
    for (const { index } of journal.finished) finished.add(index);
    const listening = onInference(device, (image) => {
      if (finished.has(image.byteOffset / image.length)) repeated++;
      cutter.count();
    });
    return runOnDevice(listening, model, images, count, { journal }).finally(() => {
      journal.close(false);
      return device.close();
    });
  };
  try {
    for (let cut = 0; cut < cuts; cut++) {
      const cutter = new Cutter(uno, 1 + Math.floor((random() * count) / (cuts + 1)), 20 * random());
      const error = await goOn(cutter).then(
        () => new Error('was not cut'),
        (reason: Error) => reason,
      );
      seconds.push((performance.now() - cutter.time) / 1000);
      errors.push(error.message);
      uno.plugIn();
    }
    const run = await goOn(new Cutter(uno, Infinity, 0));
    return { seconds, errors, repeated, run };
  } finally {
    await uno.close();
    await rm(folder, { recursive: true });
  }
}

/** Pulls the cable some time after so many images. */
class Cutter {
  time = 0;
  private readonly uno: VirtualUno;
  private imagesLeft: number;
  private readonly milliseconds: number;

  constructor(uno: VirtualUno, images: number, milliseconds: number) {
    this.uno = uno;
    this.imagesLeft = images;
    this.milliseconds = milliseconds;
  }

  count(): void {
    if (--this.imagesLeft !== 0) return;
    setTimeout(() => {
      this.time = performance.now();
      this.uno.unplug();
    }, this.milliseconds);
  }
}

function onInference(device: Device, listener: (image: Uint8Array) => void): Device {
  return {
    name: device.name,
    identify: () => device.identify(),
    infer: (image) => {
      listener(image);
      return device.infer(image);
    },
    paintedStackBytes: () => device.paintedStackBytes(),
    checkUp: () => device.checkUp(),
    close: () => device.close(),
  };
}
