import { slice, type Dataset } from '@sparrow/datasets';
import { formatSize, inferShapes, type Model } from '@sparrow/model';
import type { RunOptions } from './emulator-run.ts';
import { measureModel } from './measure.ts';
import { measureOnBoard, type BoardMeasureOptions } from './measure-on-board.ts';
import type { Measurement } from './measurement.ts';

export interface VerifyOptions extends RunOptions, Omit<BoardMeasureOptions, 'dataset' | 'checkUp'> {
  /** The first so many of the test images. */
  readonly images: number;
  /** `avr8js`, or the path of a serial port. */
  readonly device: string;
}

/**
 * Proves a model on a chip with a dataset's test images.
 *
 * @throws Error in one line, if model and dataset do not belong together, the model does not fit or the device is not there
 */
export async function verify(model: Model, dataset: Dataset, options: VerifyOptions): Promise<Measurement> {
  checkDataset(model, dataset);
  const { images, labels } = slice(dataset.test, 0, Math.min(options.images, dataset.test.count));
  if (options.device === 'avr8js') return measureModel(model, images, labels, { ...options, dataset: dataset.name });
  return measureOnBoard(model, images, labels, { ...options, dataset: dataset.name, checkUp: true });
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
