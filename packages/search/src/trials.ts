import type { Measurement } from '@sparrow/hil';
import { rankTrials, type Objective, type Observation, type Trial } from '@sparrow/optimizer';
import type { JobResult } from './evaluation/job.ts';
import type { Configuration } from './space/configuration.ts';
import type { Limits } from './space/limits.ts';

export type NetworkTrial = Trial<Configuration>;

/** What the study is told of a network that was trained and measured on the chip. */
export function observe(result: JobResult, measurement: Measurement, limits: Limits): Observation {
  const { ramBytes, flashBytes, cycles, milliseconds, modelBytes, macs, cyclesPerMac } = measurement;
  return {
    objectives: { error: result.validationError, flashBytes, ramBytes: ramBytes.total, cycles: cycles.mean },
    constraints: {
      ramOverflowBytes: ramBytes.total - limits.ramBytes,
      flashOverflowBytes: flashBytes - limits.flashBytes,
    },
    attributes: {
      floatError: result.floatError,
      trainingMilliseconds: result.trainingMilliseconds,
      milliseconds,
      modelBytes,
      macs,
      cyclesPerMac,
    },
  };
}

/** Lower error first. */
export function byError(trials: readonly NetworkTrial[]): NetworkTrial[] {
  return [...trials].sort((a, b) => a.objectives.error - b.objectives.error || a.id - b.id);
}

/**
 * Best first, alternating between the most accurate trials and the best by all objectives: promotion by the Pareto rank
 * alone spends most of the time on tiny networks, by accuracy alone it leaves no front to choose from.
 */
export function rankForPromotion(trials: readonly NetworkTrial[], objectives: readonly Objective[]): NetworkTrial[] {
  const feasible = trials.filter((trial) => Object.values(trial.constraints).every((value) => value <= 0));
  const accurate = byError(feasible);
  const balanced = rankTrials(trials, objectives);
  const order = new Set<NetworkTrial>();
  for (let i = 0; i < trials.length; i++) {
    if (i < accurate.length) order.add(accurate[i]);
    order.add(balanced[i]);
  }
  return [...order];
}

/** The trials that nothing became better than: complete ones that were not promoted further. */
export function latestOfEachLineage(trials: readonly NetworkTrial[]): NetworkTrial[] {
  const complete = trials.filter((trial) => trial.state === 'complete');
  const continued = new Set(complete.filter((trial) => trial.rung > 0).map((trial) => trial.parent));
  return complete.filter((trial) => !continued.has(trial.id));
}
