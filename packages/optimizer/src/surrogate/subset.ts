import { nonDominatedRanks } from '../pareto.ts';
import { objectiveVector } from '../ranking.ts';
import type { Objective, Trial } from '../types.ts';

/** A proposal's time is cubic in the first and, where a fit is due, in the second. */
const mostPosteriorTrials = 300;
const mostFitTrials = 96;

/** The trials that the posterior is conditioned on, in order of id. */
export function posteriorSubset<Configuration>(
  complete: readonly Trial<Configuration>[],
  objectives: readonly Objective[],
): readonly Trial<Configuration>[] {
  return subset(complete, objectives, mostPosteriorTrials);
}

/**
 * The trials that hyperparameters are fitted to: of the first ones that finished, up to a number that grows by a tenth at
 * a time from 30 on. So a fit serves several proposals, and still depends on nothing but the history.
 */
export function hyperparameterSubset<Configuration>(
  complete: readonly Trial<Configuration>[],
  objectives: readonly Objective[],
): readonly Trial<Configuration>[] {
  let size = Math.min(complete.length, 30);
  for (let next = size; next <= complete.length && size >= 30; next = Math.ceil(size * 1.1)) size = next;
  const finished = (trial: Trial<Configuration>) => trial.finishedAt ?? trial.startedAt;
  const first = [...complete].sort((a, b) => finished(a) - finished(b) || a.id - b.id).slice(0, size);
  return subset(
    first.sort((a, b) => a.id - b.id),
    objectives,
    mostFitTrials,
  );
}

/** At most `most` of the trials: one half the best by non-dominated sorting, the other evenly from the rest. */
function subset<Configuration>(
  trials: readonly Trial<Configuration>[],
  objectives: readonly Objective[],
  most: number,
): readonly Trial<Configuration>[] {
  if (trials.length <= most) return trials;
  const ranks = nonDominatedRanks(trials.map((trial) => objectiveVector(trial, objectives)));
  const order = trials.map((_, index) => index).sort((a, b) => ranks[a] - ranks[b] || b - a);
  const best = order.slice(0, Math.ceil(most / 2));
  const rest = order.slice(best.length);
  const others = Array.from({ length: most - best.length }, (_, i) => {
    return rest[Math.floor((i * rest.length) / (most - best.length))];
  });
  return [...best, ...others].sort((a, b) => a - b).map((index) => trials[index]);
}
