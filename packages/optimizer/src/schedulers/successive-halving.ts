import { rankTrials } from '../ranking.ts';
import type { Problem, Scheduler, Trial } from '../types.ts';

export interface SuccessiveHalvingOptions<Configuration> {
  /** Rungs there are, the cheapest included; what a rung means (epochs, images) is the caller's business. */
  readonly rungs: number;
  /** η: one in so many goes on to the next rung. One number, or one for each step up. Default 4. */
  readonly reductionFactor?: number | readonly number[];
  /** Complete trials of one rung, best first; only ranks matter to the algorithm. Default `rankTrials`. */
  readonly rank?: (trials: readonly Trial<Configuration>[]) => readonly Trial<Configuration>[];
}

/**
 * Asynchronous successive halving (ASHA; Li et al. 2020, "A System for Massively Parallel Hyperparameter Tuning",
 * algorithm 2, `get_job`): from the highest rung down, a trial among the best ⌊n/η⌋ of the n that finished on its
 * rung, if it was not promoted yet. Pruned trials count as finished on their rung but are not promoted; infeasible
 * ones are promoted last.
 */
export function successiveHalving<Configuration>(
  problem: Problem<Configuration>,
  options: SuccessiveHalvingOptions<Configuration>,
): Scheduler<Configuration> {
  const steps = options.rungs - 1;
  const { reductionFactor = 4, rank = (trials) => rankTrials(trials, problem.objectives) } = options;
  const factors =
    typeof reductionFactor === 'number' ? new Array<number>(steps).fill(reductionFactor) : reductionFactor;
  if (!Number.isInteger(options.rungs) || steps < 0) throw new Error('successive halving needs at least 1 rung');
  if (factors.length !== steps || factors.some((factor) => !(factor > 1))) {
    throw new Error(`successive halving over ${options.rungs} rungs needs ${steps} reduction factors, all above 1`);
  }

  return {
    name: 'successive-halving',
    promote(history) {
      const promoted = new Set(history.filter((trial) => trial.rung > 0).map((trial) => trial.parent));
      for (let rung = steps - 1; rung >= 0; rung--) {
        const candidate = promotable(history, rung, factors[rung], promoted, rank);
        if (candidate) return candidate;
      }
      return undefined;
    },
  };
}

function promotable<Configuration>(
  history: readonly Trial<Configuration>[],
  rung: number,
  factor: number,
  promoted: ReadonlySet<number | undefined>,
  rank: (trials: readonly Trial<Configuration>[]) => readonly Trial<Configuration>[],
): Trial<Configuration> | undefined {
  const finished = history.filter(
    (trial) => trial.rung === rung && trial.state !== 'running' && trial.state !== 'failed',
  );
  const quota = Math.floor(finished.length / factor);
  if (quota === 0) return undefined;
  const complete = finished.filter((trial) => trial.state === 'complete');
  return rank(complete)
    .slice(0, quota)
    .find((trial) => !promoted.has(trial.id));
}
