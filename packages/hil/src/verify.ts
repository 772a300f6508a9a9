import { predict } from '@sparrow/codegen';
import { slice, type Dataset } from '@sparrow/datasets';
import { formatSize, inferShapes, type Model } from '@sparrow/model';
import { ATMEGA328P } from './atmega328p.ts';
import { runOnDevice } from './board-run.ts';
import { BOARD_BAUD_RATE, EMULATOR_BAUD_RATE, type Firmware } from './build.ts';
import { buildModel } from './build-model.ts';
import type { ChipRun } from './chip-run.ts';
import type { CheckUp } from './device.ts';
import { runOnEmulator, type RunOptions } from './emulator-run.ts';
import { summarize } from './measure.ts';
import type { Measurement } from './measurement.ts';
import { RunJournal } from './run-journal.ts';
import { openSerialDevice, type SerialDeviceOptions } from './serial-device.ts';

export interface VerifyOptions extends RunOptions, Omit<SerialDeviceOptions, 'rowMilliseconds'> {
  /** The first so many of the test images. */
  readonly images: number;
  /** `avr8js`, or the path of a serial port. */
  readonly device: string;
  /** Of a board's serial line; default: `BOARD_BAUD_RATE`. */
  readonly baudRate?: number;
  /** Where a board's run that is cut off leaves what it has, to go on there; default: nowhere. */
  readonly journalFolder?: string;
  /** False: an earlier part of the run is forgotten. */
  readonly resume?: boolean;
  /** Called if an earlier part of the run is gone on with. */
  readonly onResume?: (imagesDone: number) => void;
}

interface Task {
  readonly model: Model;
  readonly dataset: string;
  readonly images: Uint8Array;
  readonly count: number;
}

/**
 * Proves a model on a chip with a dataset's test images.
 *
 * @throws Error in one line, if model and dataset do not belong together, the model does not fit or the device is not there
 */
export async function verify(model: Model, dataset: Dataset, options: VerifyOptions): Promise<Measurement> {
  checkDataset(model, dataset);
  const { images, labels, count } = slice(dataset.test, 0, Math.min(options.images, dataset.test.count));
  const { device } = options;
  const { sources, firmware } = await buildModel(model, { baudRate: EMULATOR_BAUD_RATE });
  const about = { model, dataset: dataset.name, device, sources, firmware, labels };
  const emulate = (runOptions: RunOptions): Promise<ChipRun> =>
    runOnEmulator(firmware, model, images, count, runOptions);
  if (device === 'avr8js') return summarize({ ...about, run: await emulate(options) });

  const measured = await runOnBoard({ model, dataset: dataset.name, images, count }, options);
  const { jobs, signal } = options;
  return summarize({ ...about, ...measured, emulated: await emulate({ jobs, signal }) });
}

async function runOnBoard(
  { model, dataset, images, count }: Task,
  options: VerifyOptions,
): Promise<{ run: ChipRun; checkUp: CheckUp }> {
  const { firmware } = await buildModel(model, { baudRate: options.baudRate ?? BOARD_BAUD_RATE });
  const board = await openSerialDevice(options.device, firmware, {
    ...options,
    rowMilliseconds: millisecondsOf(model),
  });
  try {
    const checkUp = await board.checkUp();
    const journal = openJournal(firmware, { model, dataset, images, count }, options);
    let complete = false;
    try {
      const run = await runOnDevice(board, model, images, count, { ...options, journal });
      complete = true;
      return { run, checkUp };
    } finally {
      journal?.close(complete);
    }
  } finally {
    await board.close();
  }
}

function openJournal(
  firmware: Firmware,
  { dataset, images, count }: Task,
  { journalFolder, resume, onResume }: VerifyOptions,
): RunJournal | undefined {
  if (journalFolder === undefined) return undefined;
  const key = { firmwareId: firmware.id, dataset, images, count };
  const journal = new RunJournal(journalFolder, key, resume === false);
  if (journal.finished.length > 0) onResume?.(journal.finished.length);
  return journal;
}

/** No row takes longer than the whole image. */
function millisecondsOf(model: Model): number {
  return (predict(model).cycles / ATMEGA328P.clockHz) * 1000;
}

/** @throws Error in one line, if the dataset's images or classes are not the model's */
export function checkDataset(model: Model, dataset: Dataset): void {
  const shapes = inferShapes(model.architecture);
  const classes = shapes[shapes.length - 1].channels;
  const { input } = model.architecture;
  if (formatSize(input) === formatSize(dataset) && classes === dataset.classes) return;
  throw new Error(
    `${model.name} takes ${formatSize(input)} and tells ${classes} classes apart, ${dataset.name} has ${formatSize(dataset)} and ${dataset.classes}: name another dataset with --dataset`,
  );
}
