import type { Dataset } from '@sparrow/datasets';
import { DoesNotFitError, measureModel, type Measurement } from '@sparrow/hil';
import { encodeModel, type Model } from '@sparrow/model';
import { decodeWeights, encodeWeights, trainModel, wasmEngine } from '@sparrow/training';
import type { Job, JobProgress, JobResult } from './job.ts';
import { recipeOf } from './recipe.ts';
import { serve, threadData } from './serve.ts';

/** The body of a search's worker threads: trains a candidate and measures it on the emulated chip. */

const dataset = threadData<Dataset>();

async function evaluate(job: Job, onProgress: (progress: JobProgress) => void): Promise<JobResult> {
  const startedAt = performance.now();
  const trained = await trainModel({
    engine: wasmEngine,
    architecture: job.architecture,
    dataset,
    recipe: recipeOf(job.configuration, job.effort, job.prune),
    seed: job.seed,
    from: job.weights && decodeWeights(job.weights, `weights of ${job.name}`),
    name: job.name,
    onProgress: ({ epoch, epochs, validationAccuracy }) => onProgress({ fraction: epoch / epochs, validationAccuracy }),
  });
  const trainingMilliseconds = performance.now() - startedAt;
  return {
    model: encodeModel(trained.model),
    weights: encodeWeights(trained.weights),
    validationError: 1 - trained.validationAccuracy,
    floatError: 1 - trained.floatAccuracy,
    trainingMilliseconds,
    ...(await measure(trained.model, job.measuredImages)),
  };
}

async function measure(
  model: Model,
  images: number,
): Promise<{ readonly measurement: Measurement } | { readonly misfit: string }> {
  const { validation } = dataset;
  const imageBytes = validation.images.length / validation.count;
  try {
    const measurement = await measureModel(
      model,
      validation.images.subarray(0, images * imageBytes),
      validation.labels.subarray(0, images),
      { dataset: dataset.name, jobs: 1 },
    );
    return { measurement };
  } catch (error) {
    if (error instanceof DoesNotFitError) return { misfit: error.message };
    throw error;
  }
}

serve(evaluate);
