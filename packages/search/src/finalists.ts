import { decodeModel, type Model } from '@sparrow/model';
import { isFeasible, trialSeed } from '@sparrow/optimizer';
import { clock, percent } from './cli/format.ts';
import type { SearchContext } from './context.ts';
import { finalEpochs, rungs } from './effort.ts';
import type { Job, JobResult } from './evaluation/job.ts';
import { byError, latestOfEachLineage, type NetworkTrial } from './trials.ts';

export interface Finalist {
  readonly trial: NetworkTrial;
  readonly model: Model;
  readonly result: JobResult;
}

/** Trials that fit, most accurate first, each once at the highest rung it reached. */
export function candidates(trials: readonly NetworkTrial[]): NetworkTrial[] {
  return byError(latestOfEachLineage(trials).filter(isFeasible));
}

/**
 * Trains the most accurate trials that fit to the end, as many as there are jobs, and returns the one with the lowest
 * validation error. The number of epochs follows from the time there is and the speed that the trial was trained at.
 *
 * @throws Error if no trial fits
 */
export async function trainFinalists(context: SearchContext, budgetMilliseconds: number): Promise<Finalist> {
  const { study, pool, view, jobs, limits } = context;
  const chosen = candidates(study.trials()).slice(0, jobs);
  if (chosen.length === 0) {
    throw new Error(
      `no network that fits ${limits.ramBytes} B of RAM was found in the time: give it a longer --budget`,
    );
  }
  const fractions = new Map(chosen.map((trial) => [trial.id, 0]));
  const startedAt = Date.now();
  const results = await Promise.all(
    chosen.map(async (trial) => {
      const job = finalJob(context, trial, budgetMilliseconds);
      view.note(`network of trial ${trial.id}: ${job.effort.epochs} epochs of ${job.effort.images} images`);
      const result = await pool.run(job, ({ fraction, validationAccuracy }) => {
        fractions.set(trial.id, fraction);
        const slowest = Math.min(...fractions.values());
        const accuracy =
          validationAccuracy === undefined ? '' : `, trial ${trial.id} at ${percent(validationAccuracy)}`;
        view.status(slowest, `${clock(Date.now() - startedAt)} in training${accuracy}`);
      });
      return { trial, model: decodeModel(result.model), result };
    }),
  );
  for (const { trial, result } of results) {
    const float = percent(1 - result.floatError);
    view.note(
      `network of trial ${trial.id}: ${percent(1 - result.validationError)} validation accuracy (float ${float})`,
    );
  }
  const fitting = results.filter(({ result }) => result.measurement !== undefined);
  if (fitting.length === 0) throw new Error(`none of the final networks fits: ${results[0].result.misfit}`);
  return fitting.reduce((best, finalist) =>
    finalist.result.validationError < best.result.validationError ? finalist : best,
  );
}

function finalJob({ folder, dataset, seed }: SearchContext, trial: NetworkTrial, budgetMilliseconds: number): Job {
  const effort = rungs[trial.rung];
  const imagesPerMillisecond = (effort.images * effort.epochs) / Number(trial.attributes.trainingMilliseconds);
  const epochs = Math.floor((budgetMilliseconds * imagesPerMillisecond) / dataset.train.count);
  return {
    name: `final-${trial.id}`,
    architecture: decodeModel(folder.readModel(trial.id), folder.modelPath(trial.id)).architecture,
    configuration: trial.configuration,
    effort: {
      images: dataset.train.count,
      epochs: Math.min(finalEpochs.maximum, Math.max(finalEpochs.minimum, epochs)),
    },
    seed: trialSeed(seed, -trial.id),
    weights: folder.readWeights(trial.id),
    prune: false,
    measuredImages: 4,
  };
}
