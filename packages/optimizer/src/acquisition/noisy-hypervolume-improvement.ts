import { nonDominatedIndices } from '../pareto.ts';
import { drawFunctions } from '../surrogate/draw.ts';
import { decomposeUndominated, improvementOver } from './box-decomposition.ts';
import type { Candidate } from '../surrogate/candidate.ts';
import type { DrawOptions } from '../surrogate/draw.ts';
import type { Surrogate } from '../surrogate/surrogate.ts';

export interface Acquisition<Configuration> {
  /** Larger is better. */
  score(candidate: Candidate<Configuration>): number;
  /** The complete trials that may be on the front. */
  readonly elite: readonly Candidate<Configuration>[];
}

/** Width of the smoothing of the improvement's kink at 0, in standard deviations of the objectives. */
const temperature = 1e-2;

/**
 * Logarithm of the noisy expected hypervolume improvement, by Monte Carlo: qNEHVI (Daulton, Balandat, Bakshy 2021,
 * "Parallel Bayesian Optimization of Multiple Noisy Objectives", eq. 4) with constraints (their §3.2),
 *
 *     α(x) = log 1/S·Σ_s feasibility_s(x)·HVI(f_s(x) | front of {f_s(x_i) feasible})
 *
 * over S joint draws f_s. The x_i are all evaluated configurations, whose noise and lower rungs the draws see through,
 * and those that still run, so that parallel workers do not get the same. Where a draw improves nothing, HVI is replaced
 * by a fat tail in the distance from doing so, as in the log variants of Ament et al. 2023 ("Unexpected Improvements to
 * Expected Improvement", §4 and appendix A): the logarithm is finite and still tells better from worse.
 */
export function noisyHypervolumeImprovement<Configuration>(
  surrogate: Surrogate<Configuration>,
  observed: readonly Candidate<Configuration>[],
  reference: readonly number[],
  options: DrawOptions,
  random: () => number,
): Acquisition<Configuration> {
  const draw = drawFunctions(surrogate, options, random);
  const { paths } = options;
  const dimensions = surrogate.objectives.length;
  const feasiblePoints = Array.from({ length: paths }, (): { index: number; point: number[] }[] => []);
  observed.forEach((candidate, index) => {
    const { objectives, feasibility } = draw(candidate);
    for (let path = 0; path < paths; path++) {
      const point = Array.from(objectives.subarray(path * dimensions, (path + 1) * dimensions));
      if (feasibility[path] > 0.5) feasiblePoints[path].push({ index, point });
    }
  });
  const elite = new Set<number>();
  const boxes = feasiblePoints.map((entries) => {
    const front = nonDominatedIndices(entries.map(({ point }) => point)).map((position) => entries[position]);
    for (const { index } of front) elite.add(index);
    return decomposeUndominated(
      front.map(({ point }) => point),
      reference,
    );
  });

  const tail = temperature ** dimensions;
  const improvement = { volume: 0, gap: 0 };
  return {
    elite: [...elite].map((index) => observed[index]).filter(({ parent }) => parent !== undefined),
    score(candidate) {
      const { objectives, feasibility } = draw(candidate);
      let sum = 0;
      for (let path = 0; path < paths; path++) {
        improvementOver(boxes[path], objectives, path * dimensions, improvement);
        const distance = improvement.gap / temperature;
        sum += feasibility[path] * (improvement.volume + tail / (1 + distance * distance));
      }
      return Math.log(Math.max(sum / paths, Number.MIN_VALUE));
    },
  };
}
