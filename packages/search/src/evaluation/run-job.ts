import { slice } from '@sparrow/datasets';
import { DoesNotFitError } from '@sparrow/hil';
import { decodeModel } from '@sparrow/model';
import type { SearchContext } from '../context.ts';
import { measuredCost } from './chip-cost.ts';
import type { Boards } from './boards.ts';
import type { Job, JobProgress, JobResult, TrainedResult } from './job.ts';

/**
 * Trains a candidate in a worker thread, and measures it: on the emulated chip there, or on a board of the search's.
 *
 * @throws NoBoardError if a board is to measure it, and none is left
 */
export async function runJob(
  { pool, boards, dataset }: Pick<SearchContext, 'pool' | 'boards' | 'dataset'>,
  job: Job,
  onProgress?: (progress: JobProgress) => void,
): Promise<JobResult> {
  const { measuredImages } = job.effort;
  if (boards === undefined || measuredImages === 0) return pool.run(job, onProgress);
  const result = await pool.run({ ...job, effort: { ...job.effort, measuredImages: 0 } }, onProgress);
  if (result.kind === 'misfit') return result;
  const { images, labels } = slice(dataset.validation, 0, measuredImages);
  return measure(result, boards, { images, labels, dataset: dataset.name, name: job.name });
}

interface Task {
  readonly name: string;
  readonly dataset: string;
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}

async function measure(
  trained: TrainedResult,
  boards: Boards,
  { name, dataset, images, labels }: Task,
): Promise<JobResult> {
  try {
    const measurement = await boards.measure(decodeModel(trained.model, name), images, labels, dataset);
    return { ...trained, cost: measuredCost(measurement), isMeasured: true, device: measurement.device };
  } catch (error) {
    if (error instanceof DoesNotFitError) return { kind: 'misfit', reason: error.message };
    throw error;
  }
}
