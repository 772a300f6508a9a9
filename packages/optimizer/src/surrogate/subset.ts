import { nonDominatedRanks } from '../pareto.ts';
import { objectiveVector } from '../ranking.ts';
import type { Objective, Trial } from '../types.ts';

/** A proposal's time is cubic in the first and, where a fit is due, in the second. */
const mostPosteriorTrials = 300;
const mostFitTrials = 64;
/** With fewer trials than this, fits are cheap and worth the most: one at each. */
const firstFitTrials = 16;

/** The trials that the posterior is conditioned on, in order of id. */
export function posteriorSubset<Configuration>(
  complete: readonly Trial<Configuration>[],
  objectives: readonly Objective[],
): readonly Trial<Configuration>[] {
  return subset(complete, objectives, mostPosteriorTrials);
}

/** Which of how many outputs a fit is for. */
export interface Turn {
  readonly index: number;
  readonly count: number;
}

/**
 * The trials that hyperparameters are fitted to: of the first ones that finished, as many as there were when it was last
 * this output's turn. Outputs take turns, so that a proposal waits for one fit at most; and a fit depends on nothing but
 * the history.
 */
export function hyperparameterSubset<Configuration>(
  complete: readonly Trial<Configuration>[],
  objectives: readonly Objective[],
  turn: Turn = { index: 0, count: 1 },
): readonly Trial<Configuration>[] {
  const finished = (trial: Trial<Configuration>) => trial.finishedAt ?? trial.startedAt;
  const first = [...complete]
    .sort((a, b) => finished(a) - finished(b) || a.id - b.id)
    .slice(0, trialsAtLastTurn(complete.length, turn));
  return subset(
    first.sort((a, b) => a.id - b.id),
    objectives,
    mostFitTrials,
  );
}

function trialsAtLastTurn(trials: number, { index, count }: Turn): number {
  if (trials <= firstFitTrials) return trials;
  // Twice the trials, half the turns: the last ones teach less and less.
  const octave = Math.floor(Math.log2(trials / firstFitTrials));
  const period = Math.max(count, 2 ** octave);
  return Math.max(firstFitTrials, trials - ((trials - index) % period));
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
