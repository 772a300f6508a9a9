import type { Model } from '@sparrow/model';
import { runOnDevice } from './board-run.ts';
import { EMULATOR_BAUD_RATE, type Firmware } from './build.ts';
import { buildModel } from './build-model.ts';
import type { ChipRun } from './chip-run.ts';
import type { CheckUp } from './device.ts';
import { runOnEmulator, type RunOptions } from './emulator-run.ts';
import { summarize } from './measure.ts';
import type { Measurement } from './measurement.ts';
import { openBoard, type BoardOptions } from './open-board.ts';
import { RunJournal } from './run-journal.ts';

export interface BoardMeasureOptions extends BoardOptions, Pick<RunOptions, 'jobs' | 'onProgress' | 'signal'> {
  /** Goes into the measurement. */
  readonly dataset: string;
  /** Path of a serial port. */
  readonly device: string;
  /** Whether the board is asked for its supply and clock, which takes a second. */
  readonly checkUp?: boolean;
  /** Where a run that is cut off leaves what it has, to go on there; default: nowhere. */
  readonly journalFolder?: string;
  /** False: an earlier part of the run is forgotten. */
  readonly resume?: boolean;
  /** Called if an earlier part of the run is gone on with. */
  readonly onResume?: (imagesDone: number) => void;
}

/**
 * What `measureModel` does, on a board, which is flashed if it runs something else. The emulated chip runs the same images after it;
 * what it says otherwise is in the measurement.
 *
 * @throws DoesNotFitError; Error in one line, if the board is not there, or goes
 */
export async function measureOnBoard(
  model: Model,
  images: Uint8Array,
  labels: Uint8Array,
  options: BoardMeasureOptions,
): Promise<Measurement> {
  const { dataset, device, jobs, signal } = options;
  const measured = await runOnBoard(model, images, labels.length, options);
  // The firmware differs from the board's in its baud rate alone: as many bytes, as many cycles.
  const { sources, firmware } = await buildModel(model, { baudRate: EMULATOR_BAUD_RATE });
  const emulated = await runOnEmulator(firmware, model, images, labels.length, { jobs, signal });
  return summarize({ model, dataset, device, sources, firmware, labels, ...measured, emulated });
}

async function runOnBoard(
  model: Model,
  images: Uint8Array,
  count: number,
  options: BoardMeasureOptions,
): Promise<{ run: ChipRun; checkUp?: CheckUp }> {
  const { device, firmware } = await openBoard(model, options.device, options);
  try {
    const checkUp = options.checkUp === true ? await device.checkUp() : undefined;
    const journal = openJournal(firmware, images, count, options);
    let complete = false;
    try {
      const run = await runOnDevice(device, model, images, count, { ...options, journal });
      complete = true;
      return { run, checkUp };
    } finally {
      journal?.close(complete);
    }
  } finally {
    await device.close();
  }
}

function openJournal(
  firmware: Firmware,
  images: Uint8Array,
  count: number,
  { dataset, journalFolder, resume, onResume }: BoardMeasureOptions,
): RunJournal | undefined {
  if (journalFolder === undefined) return undefined;
  const journal = new RunJournal(journalFolder, { firmwareId: firmware.id, dataset, images, count }, resume === false);
  if (journal.finished.length > 0) onResume?.(journal.finished.length);
  return journal;
}
