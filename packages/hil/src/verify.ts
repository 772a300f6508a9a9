import { slice, type Dataset } from '@sparrow/datasets';
import { formatSize, inferShapes, type Model } from '@sparrow/model';
import { BOARD_BAUD_RATE, EMULATOR_BAUD_RATE } from './build.ts';
import { buildModel } from './build-model.ts';
import { runOnEmulator, type RunOptions } from './emulator-run.ts';
import { runOnDevice, summarize } from './measure.ts';
import type { Measurement } from './measurement.ts';
import { openSerialDevice } from './serial-device.ts';

export interface VerifyOptions extends RunOptions {
  /** The first so many of the test images. */
  readonly images: number;
  /** `avr8js`, or the path of a serial port. */
  readonly device: string;
  /** Called when a board is about to be flashed. */
  readonly onFlash?: () => void;
}

/**
 * Proves a model on a chip with a dataset's test images.
 *
 * @throws Error in one line, if model and dataset do not belong together, the model does not fit or the device is not there
 */
export async function verify(model: Model, dataset: Dataset, options: VerifyOptions): Promise<Measurement> {
  checkDataset(model, dataset);
  const { images, labels, count } = slice(dataset.test, 0, Math.min(options.images, dataset.test.count));
  const onBoard = options.device !== 'avr8js';
  const { sources, firmware } = await buildModel(model, { baudRate: onBoard ? BOARD_BAUD_RATE : EMULATOR_BAUD_RATE });
  const about = { model, dataset: dataset.name, device: options.device, sources, firmware, labels };
  if (!onBoard) return summarize({ ...about, run: await runOnEmulator(firmware, model, images, count, options) });

  const board = await openSerialDevice(options.device, firmware, options);
  try {
    return summarize({ ...about, run: await runOnDevice(board, model, images, count, options) });
  } finally {
    await board.close();
  }
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
