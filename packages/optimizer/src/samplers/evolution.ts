import { chebyshev } from '../acquisition/random-scalarization.ts';
import { objectiveVector, scaled, violation } from '../ranking.ts';
import { latestTrials } from '../surrogate/candidate.ts';
import { distinctFrom } from './distinct.ts';
import type { Objective, Problem, Sampler, Trial } from '../types.ts';

/**
 * Configurations that live, the youngest ones, and how many of them compete for being the parent: half, as in µNAS, which
 * lets 100 live for some thousands of trials; there are a hundred here.
 */
const population = 20;
const tournament = 10;

/**
 * Aging evolution (Real, Aggarwal, Huang, Le 2019, "Regularized Evolution for Image Classifier Architecture Search",
 * algorithm 1): the best of a random part of the population gets a mutated child, and the oldest dies, however good it
 * is. For several objectives as in µNAS (Liberis, Dudziak, Lane 2021, §4.3): each tournament is decided by another
 * scalarisation,
 *
 *     max_k f_k / b_k,   b_k ~ U(0, bound of f_k)
 *
 * where here f_k is counted from the best value seen, and the bound is the objective's reference or the worst value
 * seen. Feasible configurations win over infeasible ones, and those over ones that violate more.
 */
export function evolutionSampler<Configuration>(problem: Problem<Configuration>): Sampler<Configuration> {
  return {
    name: 'evolution',
    propose(history, random) {
      const living = youngest(history);
      const isFounding = history.length < population || living.length === 0;
      if (isFounding) return { configuration: distinctFrom(history, () => problem.space.sample(random)) };
      const rivals = Array.from({ length: tournament }, () => living[Math.floor(living.length * random())]);
      const parent = winner(rivals, fitness(living, problem.objectives, random));
      const child = distinctFrom(history, () => problem.space.mutate(parent.configuration, random));
      return { configuration: child, parent: parent.id };
    },
  };
}

/**
 * The latest complete trial of each of the configurations that were the last to be asked for. Promotions do not make a
 * configuration younger.
 */
function youngest<Configuration>(history: readonly Trial<Configuration>[]): readonly Trial<Configuration>[] {
  return latestTrials(history.filter(({ state }) => state === 'complete')).slice(-population);
}

/** To be minimised: first what constraints are violated by, then the scalarised objectives. */
interface Fitness {
  readonly violation: number;
  readonly objective: number;
}

function fitness(
  living: readonly Trial<unknown>[],
  objectives: readonly Objective[],
  random: () => number,
): (trial: Trial<unknown>) => Fitness {
  const vectors = living.map((trial) => objectiveVector(trial, objectives));
  const best = objectives.map((_, k) => Math.min(...vectors.map((vector) => vector[k])));
  const weights = objectives.map((objective, k) => {
    const reference = scaled(objective.reference ?? -Infinity, objective);
    const bound = reference > best[k] ? reference : Math.max(...vectors.map((vector) => vector[k]));
    return 1 / ((bound - best[k] || 1) * (1 - random()));
  });
  return (trial) => ({
    violation: violation(trial),
    objective: chebyshev(objectiveVector(trial, objectives), weights, best),
  });
}

function winner<Configuration>(
  rivals: readonly Trial<Configuration>[],
  fitnessOf: (trial: Trial<Configuration>) => Fitness,
): Trial<Configuration> {
  const rated = rivals.map((trial) => ({ trial, ...fitnessOf(trial) }));
  rated.sort((a, b) => a.violation - b.violation || a.objective - b.objective || a.trial.id - b.trial.id);
  return rated[0].trial;
}
