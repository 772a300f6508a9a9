import { decodeModel, type Model } from '@sparrow/model';
import { trialSeed } from '@sparrow/optimizer';
import { clock, percent } from './cli/format.ts';
import type { SearchContext } from './context.ts';
import { finalEpochs, rungs } from './effort.ts';
import type { Job, TrainedResult } from './evaluation/job.ts';
import { rankForGoal, type Goal } from './goals.ts';
import { latestOfEachLineage, ratingOf, type NetworkTrial } from './trials.ts';

/** A network that was trained to the end. */
export interface Finalist {
  readonly trial: NetworkTrial;
  readonly model: Model;
  readonly result: TrainedResult;
}

/** The finalist that was chosen for a goal, on validation images alone. */
export interface Winner {
  readonly goal: Goal;
  readonly finalist: Finalist;
  /** Finalists that it was chosen from. */
  readonly contestants: number;
}

/** How much accuracy the final training is expected to bring. */
const EXPECTED_GAIN = 0.003;

/**
 * The best trial of each goal; what remains of the jobs gets the next best. Each only once: the best in half of the RAM may be the best.
 */
export function chooseFinalists({ study, goals, limits, jobs }: SearchContext): NetworkTrial[] {
  const trials = latestOfEachLineage(study.trials());
  const rankings = goals.map((goal) => rankForGoal(goal, limits, trials, ratingOf, EXPECTED_GAIN));
  const chosen = new Set<NetworkTrial>();
  const wanted = Math.max(jobs, goals.length);
  for (let place = 0; place < trials.length && chosen.size < wanted; place++) {
    for (const ranking of rankings) if (place < ranking.length && chosen.size < wanted) chosen.add(ranking[place]);
  }
  return [...chosen];
}

/**
 * Trains the finalists to the end, and returns the best for each goal. All get as many epochs as the time allows.
 *
 * @throws Error if no trial meets any goal
 */
export async function trainFinalists(context: SearchContext, budgetMilliseconds: number): Promise<Winner[]> {
  const { goals, limits, view } = context;
  const chosen = chooseFinalists(context);
  if (chosen.length === 0) throw new Error(nothingFound(context));
  const epochs = epochsWithin(context, chosen, budgetMilliseconds);
  view.note(`${chosen.length} networks, ${epochs} epochs of ${context.dataset.train.count} images each`);
  const finalists = await trainAll(context, chosen, epochs);
  const winners = goals.flatMap((goal): Winner[] => {
    const ranked = rankForGoal(goal, limits, finalists, ({ result }) => ({
      error: result.validationError,
      cost: result.cost,
    }));
    return ranked.length === 0 ? [] : [{ goal, finalist: ranked[0], contestants: ranked.length }];
  });
  if (winners.length === 0) throw new Error(nothingFound(context));
  return winners;
}

function nothingFound({ limits, goals }: SearchContext): string {
  const demands = goals.length === 1 ? ' and meets the demands' : '';
  return `no network that fits ${limits.ramBytes} B of RAM${demands} was found in the time: give it a longer --budget`;
}

async function trainAll(context: SearchContext, chosen: readonly NetworkTrial[], epochs: number): Promise<Finalist[]> {
  const { pool, view } = context;
  const fractions = new Map(chosen.map((trial) => [trial.id, 0]));
  const startedAt = Date.now();
  // The longest first, so that the others fit beside it.
  const longestFirst = [...chosen].sort((a, b) => millisecondsPerImage(b) - millisecondsPerImage(a));
  const results = await Promise.all(
    longestFirst.map(async (trial): Promise<Finalist | undefined> => {
      const result = await pool.run(finalJob(context, trial, epochs), ({ fraction, validationAccuracy }) => {
        fractions.set(trial.id, fraction);
        const mean = [...fractions.values()].reduce((sum, each) => sum + each, 0) / fractions.size;
        const accuracy =
          validationAccuracy === undefined ? '' : `, trial ${trial.id} at ${percent(validationAccuracy)}`;
        view.status(mean, `${clock(Date.now() - startedAt)} in training${accuracy}`);
      });
      if (result.kind === 'misfit') {
        view.note(`network of trial ${trial.id}: ${result.reason}`);
        return undefined;
      }
      const [integer, float] = [result.validationError, result.floatError].map((error) => percent(1 - error));
      view.note(`network of trial ${trial.id}: ${integer} validation accuracy (float ${float})`);
      return { trial, model: decodeModel(result.model), result };
    }),
  );
  return results.filter((finalist) => finalist !== undefined);
}

/** Of training, as it went in the search. */
function millisecondsPerImage({ rung, attributes }: NetworkTrial): number {
  const { images, epochs } = rungs[rung];
  return Number(attributes.trainingMilliseconds) / (images * epochs);
}

/** All of them together have `jobs` times the budget, the longest has one. */
function epochsWithin({ dataset, jobs }: SearchContext, chosen: readonly NetworkTrial[], budget: number): number {
  const perEpoch = chosen.map((trial) => millisecondsPerImage(trial) * dataset.train.count);
  const sum = perEpoch.reduce((total, each) => total + each, 0);
  const epochs = Math.floor(Math.min(budget / Math.max(...perEpoch), (budget * jobs) / sum));
  return Math.min(finalEpochs.maximum, Math.max(finalEpochs.minimum, epochs));
}

function finalJob({ folder, dataset, limits, seed }: SearchContext, trial: NetworkTrial, epochs: number): Job {
  const model = folder.readModel(trial.id);
  return {
    name: `final-${trial.id}`,
    architecture: decodeModel(model, folder.modelPath(trial.id)).architecture,
    configuration: trial.configuration,
    limits,
    effort: { images: dataset.train.count, epochs, measuredImages: 2 },
    seed: trialSeed(seed, -trial.id),
    start: { kind: 'continue', model, weights: folder.readWeights(trial.id) },
  };
}
