import { rankTrials, type Objective, type Observation, type Trial } from '@sparrow/optimizer';
import type { ChipCost } from './evaluation/chip-cost.ts';
import type { TrainedResult } from './evaluation/job.ts';
import { rankForGoal, type Goal, type Rated } from './goals.ts';
import type { Configuration } from './space/configuration.ts';
import type { Limits } from './space/limits.ts';

/** Less cannot be told apart by some thousand images. */
const LEAST_ERROR = 1e-4;

export type NetworkTrial = Trial<Configuration>;

/** What the study is told of a network that was trained, and predicted or measured. */
export function observe({ cost, ...result }: TrainedResult, limits: Limits): Observation {
  return {
    objectives: {
      // Its logarithm is modelled.
      error: Math.max(result.validationError, LEAST_ERROR),
      flashBytes: cost.flashBytes,
      ramBytes: cost.ramBytes,
      cycles: cost.cycles,
    },
    constraints: {
      ramOverflowBytes: cost.ramBytes - limits.ramBytes,
      flashOverflowBytes: cost.flashBytes - limits.flashBytes,
    },
    attributes: {
      floatError: result.floatError,
      trainingMilliseconds: result.trainingMilliseconds,
      milliseconds: cost.milliseconds,
      modelBytes: cost.modelBytes,
      macs: cost.macs,
      isMeasured: result.isMeasured,
      ...(result.device !== undefined && { device: result.device }),
    },
  };
}

/** Of a complete trial. */
export function ratingOf({ objectives, attributes }: NetworkTrial): Rated {
  const { error, flashBytes, ramBytes, cycles } = objectives;
  const cost: ChipCost = {
    flashBytes,
    ramBytes,
    cycles,
    modelBytes: Number(attributes.modelBytes),
    milliseconds: Number(attributes.milliseconds),
    macs: Number(attributes.macs),
  };
  return { error, cost };
}

/** Lower error first. */
export function byError(trials: readonly NetworkTrial[]): NetworkTrial[] {
  return [...trials].sort((a, b) => a.objectives.error - b.objectives.error || a.id - b.id);
}

/**
 * Best first: in turns the best for each goal, and the best by all objectives. Promotion by the Pareto rank alone spends
 * most of the time on tiny networks, by goals alone it leaves no front to choose from. Networks that started afresh take turns with
 * those that inherited weights, who are ahead of them by what their ancestors learned, not by what they are.
 */
export function rankForPromotion(
  trials: readonly NetworkTrial[],
  objectives: readonly Objective[],
  goals: readonly Goal[],
  limits: Limits,
): NetworkTrial[] {
  const rankings = [
    ...goals.flatMap((goal) => takingTurns(rankForGoal(goal, limits, trials, ratingOf))),
    rankTrials(trials, objectives),
  ];
  const order = new Set<NetworkTrial>();
  for (let place = 0; place < trials.length; place++) {
    for (const ranking of rankings) if (place < ranking.length) order.add(ranking[place]);
  }
  return [...order];
}

/** Those without a parent, and those with one. */
function takingTurns(ranking: readonly NetworkTrial[]): NetworkTrial[][] {
  const isFresh = ({ parent }: NetworkTrial): boolean => parent === undefined;
  return [ranking.filter(isFresh), ranking.filter((trial) => !isFresh(trial))];
}

/** The trials that nothing became better than: complete ones that were not promoted further. */
export function latestOfEachLineage(trials: readonly NetworkTrial[]): NetworkTrial[] {
  const complete = trials.filter((trial) => trial.state === 'complete');
  const continued = new Set(complete.filter((trial) => trial.rung > 0).map((trial) => trial.parent));
  return complete.filter((trial) => !continued.has(trial.id));
}
