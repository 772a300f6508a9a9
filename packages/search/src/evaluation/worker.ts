import { predict, predictArchitecture } from '@sparrow/codegen';
import type { Dataset } from '@sparrow/datasets';
import { DoesNotFitError, measureModel } from '@sparrow/hil';
import { decodeModel, encodeModel, type Model } from '@sparrow/model';
import {
  decodeWeights,
  encodeWeights,
  trainModel,
  wasmEngine,
  type Ancestor,
  type TrainingOptions,
} from '@sparrow/training';
import { measuredCost, predictedCost, type ChipCost } from './chip-cost.ts';
import type { Job, JobProgress, JobResult, Misfit, StoredNetwork } from './job.ts';
import { recipeOf } from './recipe.ts';
import { serve, threadData } from './serve.ts';

/** The body of a search's worker threads: trains a candidate and measures it on the emulated chip. */

const dataset = threadData<Dataset>();

/** What training leaves of a prediction's accuracy: networks that exceed a limit by less than this are given a chance. */
const TOLERANCE = 1.05;

async function evaluate(job: Job, onProgress: (progress: JobProgress) => void): Promise<JobResult> {
  const hopeless = foresee(job);
  if (hopeless) return hopeless;
  const startedAt = performance.now();
  const trained = await trainModel({
    engine: wasmEngine,
    architecture: job.architecture,
    dataset,
    recipe: recipeOf(job.configuration, job.architecture, job.effort, job.start.kind !== 'continue', dataset.name),
    seed: job.seed,
    ...startOf(job),
    name: job.name,
    onProgress: ({ epoch, epochs, validationAccuracy }) => onProgress({ fraction: epoch / epochs, validationAccuracy }),
  });
  const trainingMilliseconds = performance.now() - startedAt;
  const cost = await costOf(trained.model, job);
  if ('kind' in cost) return cost;
  return {
    kind: 'trained',
    model: encodeModel(trained.model),
    weights: encodeWeights(trained.weights),
    validationError: 1 - trained.validationAccuracy,
    floatError: 1 - trained.floatAccuracy,
    cost,
    isMeasured: job.effort.measuredImages > 0,
    trainingMilliseconds,
  };
}

/** Spares the training of what will not fit. What was trained already does, and what is pruned may. */
function foresee({ architecture, configuration, start, limits }: Job): Misfit | undefined {
  if (start.kind === 'continue' || configuration.pruning.kind !== 'none') return undefined;
  const { flashBytes, ramBytes } = predictedCost(predictArchitecture(architecture));
  return (
    misfit('RAM', ramBytes, limits.ramBytes * TOLERANCE) ?? misfit('flash', flashBytes, limits.flashBytes * TOLERANCE)
  );
}

function misfit(resource: string, neededBytes: number, limitBytes: number): Misfit | undefined {
  if (neededBytes <= limitBytes) return undefined;
  return { kind: 'misfit', reason: `would need ${neededBytes.toLocaleString('en-US')} B of ${resource}` };
}

function startOf({ start, name }: Job): Pick<TrainingOptions, 'from' | 'ancestor'> {
  if (start.kind === 'afresh') return {};
  if (start.kind === 'inherit') return { ancestor: loadStored(start, `parent of ${name}`) };
  return { from: decodeWeights(start.weights, `weights of ${name}`) };
}

function loadStored({ model, weights }: StoredNetwork, what: string): Ancestor {
  return { architecture: decodeModel(model, what).architecture, weights: decodeWeights(weights, what) };
}

async function costOf(model: Model, { effort, limits }: Job): Promise<ChipCost | Misfit> {
  if (effort.measuredImages === 0) {
    const cost = predictedCost(predict(model));
    return misfit('RAM', cost.ramBytes, limits.ramBytes) ?? misfit('flash', cost.flashBytes, limits.flashBytes) ?? cost;
  }
  const { validation } = dataset;
  const imageBytes = validation.images.length / validation.count;
  const images = validation.images.subarray(0, effort.measuredImages * imageBytes);
  const labels = validation.labels.subarray(0, effort.measuredImages);
  try {
    return measuredCost(await measureModel(model, images, labels, { dataset: dataset.name, jobs: 1 }));
  } catch (error) {
    if (error instanceof DoesNotFitError) return { kind: 'misfit', reason: error.message };
    throw error;
  }
}

serve(evaluate);
