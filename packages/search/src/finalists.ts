import { decodeModel, type Model } from '@sparrow/model';
import { trialSeed } from '@sparrow/optimizer';
import { clock, percent } from './cli/format.ts';
import type { SearchContext } from './context.ts';
import { finalEpochs, rungs } from './effort.ts';
import type { Job, StoredNetwork, TrainedResult } from './evaluation/job.ts';
import { runJob } from './evaluation/run-job.ts';
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

/** More could hardly be told apart by the validation images. */
const MOST_FINALISTS = 10;

/** How much accuracy the final training is expected to bring. */
const EXPECTED_GAIN = 0.003;

/**
 * The best trial of each goal, then the next best, as long as they cost no time: the longest training takes one of the jobs, and the
 * others take turns on the rest. Each only once: the best in half of the RAM may be the best.
 */
export function chooseFinalists({ study, goals, limits, jobs }: SearchContext): NetworkTrial[] {
  const trials = latestOfEachLineage(study.trials());
  const rankings = goals.map((goal) => rankForGoal(goal, limits, trials, ratingOf, EXPECTED_GAIN));
  const chosen = new Set<NetworkTrial>();
  const isFree = (trial: NetworkTrial): boolean => {
    const times = [...chosen, trial].map(millisecondsPerImage);
    return times.reduce((sum, time) => sum + time, 0) <= jobs * Math.max(...times);
  };
  const wanted = Math.max(jobs, goals.length);
  for (let place = 0; place < trials.length && chosen.size < MOST_FINALISTS; place++) {
    for (const ranking of rankings) {
      if (place < ranking.length && (chosen.size < wanted || isFree(ranking[place]))) chosen.add(ranking[place]);
    }
  }
  return [...chosen];
}

/** A further round is worth its while from so many epochs on. */
const SHORTEST_ROUND = 8;

/**
 * Trains the finalists to the end, and returns the best for each goal. All get as many epochs as the time allows; if it turns out to
 * allow more, training is warmed up again (Loshchilov and Hutter 2017, "SGDR"), from the weights of the round before.
 *
 * @throws Error if no trial meets any goal
 */
export async function trainFinalists(context: SearchContext, budgetMilliseconds: number): Promise<Winner[]> {
  const deadline = Date.now() + budgetMilliseconds;
  let contestants = contestantsOf(context, chooseFinalists(context));
  if (contestants.length === 0) throw new Error(nothingFound(context));
  const finalists: Finalist[] = [];
  for (;;) {
    const epochs = epochsWithin(context, contestants, deadline - Date.now());
    if (finalists.length > 0 && epochs < SHORTEST_ROUND) break;
    context.view.note(`${contestants.length} networks, ${epochs} epochs of ${context.dataset.train.count} images each`);
    const trained = await trainAll(context, contestants, epochs);
    finalists.push(...trained);
    contestants = trained.map(({ trial, result }) => ({
      trial,
      start: result,
      millisecondsPerImage: speedOf(result, epochs, context),
    }));
    if (contestants.length === 0) break;
  }
  const winners = winnersOf(context, finalists);
  if (winners.length === 0) throw new Error(nothingFound(context));
  return winners;
}

function winnersOf({ goals, limits }: SearchContext, finalists: readonly Finalist[]): Winner[] {
  return goals.flatMap((goal): Winner[] => {
    const ranked = rankForGoal(goal, limits, finalists, ({ result }) => ({
      error: result.validationError,
      cost: result.cost,
    }));
    return ranked.length === 0 ? [] : [{ goal, finalist: ranked[0], contestants: ranked.length }];
  });
}

function nothingFound({ limits, goals }: SearchContext): string {
  const demands = goals.length === 1 ? ' and meets the demands' : '';
  return `no network that fits ${limits.ramBytes} B of RAM${demands} was found in the time: give it a longer --budget`;
}

/** A network before a round of training. */
interface Contestant {
  readonly trial: NetworkTrial;
  readonly start: StoredNetwork;
  /** Of training, as it went so far. */
  readonly millisecondsPerImage: number;
}

function contestantsOf({ folder }: SearchContext, chosen: readonly NetworkTrial[]): Contestant[] {
  return chosen.map((trial) => ({
    trial,
    start: { model: folder.readModel(trial.id), weights: folder.readWeights(trial.id) },
    millisecondsPerImage: millisecondsPerImage(trial),
  }));
}

function millisecondsPerImage({ rung, attributes }: NetworkTrial): number {
  return Number(attributes.trainingMilliseconds) / (rungs[rung].images * rungs[rung].epochs);
}

function speedOf({ trainingMilliseconds }: TrainedResult, epochs: number, { dataset }: SearchContext): number {
  return trainingMilliseconds / (dataset.train.count * epochs);
}

async function trainAll(
  context: SearchContext,
  contestants: readonly Contestant[],
  epochs: number,
): Promise<Finalist[]> {
  const { view } = context;
  const fractions = new Map(contestants.map(({ trial }) => [trial.id, 0]));
  const startedAt = Date.now();
  // The longest first, so that the others fit beside it.
  const longestFirst = [...contestants].sort((a, b) => b.millisecondsPerImage - a.millisecondsPerImage);
  const finalists = await Promise.all(
    longestFirst.map(async (contestant): Promise<Finalist | undefined> => {
      const { trial } = contestant;
      const result = await runJob(
        context,
        finalJob(context, contestant, epochs),
        ({ fraction, validationAccuracy }) => {
          fractions.set(trial.id, fraction);
          const mean = [...fractions.values()].reduce((sum, each) => sum + each, 0) / fractions.size;
          const accuracy =
            validationAccuracy === undefined ? '' : `, trial ${trial.id} at ${percent(validationAccuracy)}`;
          view.status(mean, `${clock(Date.now() - startedAt)} in training${accuracy}`);
        },
      );
      if (result.kind === 'misfit') {
        view.note(`network of trial ${trial.id}: ${result.reason}`);
        return undefined;
      }
      const [integer, float] = [result.validationError, result.floatError].map((error) => percent(1 - error));
      view.note(`network of trial ${trial.id}: ${integer} validation accuracy (float ${float})`);
      return { trial, model: decodeModel(result.model), result };
    }),
  );
  return finalists.filter((finalist) => finalist !== undefined);
}

/** All of them together have `jobs` times the budget, the longest has one. */
function epochsWithin({ dataset, jobs }: SearchContext, contestants: readonly Contestant[], budget: number): number {
  const perEpoch = contestants.map(({ millisecondsPerImage }) => millisecondsPerImage * dataset.train.count);
  const sum = perEpoch.reduce((total, each) => total + each, 0);
  const epochs = Math.floor(Math.min(budget / Math.max(...perEpoch), (budget * jobs) / sum));
  return Math.min(finalEpochs.maximum, Math.max(finalEpochs.minimum, epochs));
}

function finalJob({ dataset, limits, seed }: SearchContext, { trial, start }: Contestant, epochs: number): Job {
  const name = `final-${trial.id}`;
  return {
    name,
    architecture: decodeModel(start.model, name).architecture,
    configuration: trial.configuration,
    limits,
    effort: { images: dataset.train.count, epochs, measuredImages: 2 },
    seed: trialSeed(seed, -trial.id),
    start: { kind: 'continue', model: start.model, weights: start.weights },
  };
}
