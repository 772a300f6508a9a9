import { drawFunctions } from '../surrogate/draw.ts';
import type { Candidate } from '../surrogate/candidate.ts';
import type { Surrogate } from '../surrogate/surrogate.ts';
import type { Trial } from '../types.ts';

/** The weighted Chebyshev scalarisation max_k λ_k·(y_k − z_k), to be minimised; `ideal` is z. */
export function chebyshev(values: ArrayLike<number>, weights: readonly number[], ideal: readonly number[]): number {
  let worst = -Infinity;
  for (let k = 0; k < weights.length; k++) worst = Math.max(worst, weights[k] * (values[k] - ideal[k]));
  return worst;
}

/** Uniform on the simplex, as normalised exponential variates. */
export function randomWeights(dimensions: number, random: () => number): number[] {
  const variates = Array.from({ length: dimensions }, () => -Math.log(1 - random()));
  const sum = variates.reduce((total, variate) => total + variate, 0);
  return variates.map((variate) => variate / sum);
}

/**
 * Thompson sampling of a randomly scalarised problem (Paria, Kandasamy, Póczos 2019, "A Flexible Framework for
 * Multi-Objective Bayesian Optimization using Random Scalarizations", algorithm 1 and eq. 5): the score of a candidate is
 *
 *     −max_k λ_k·(f_k(x) − z_k) + log feasibility(x)
 *
 * of one joint draw f and one λ, with z the best observed value of each objective. New draws for every proposal lead to
 * the whole front. Larger is better.
 */
export function randomScalarization<Configuration>(
  surrogate: Surrogate<Configuration>,
  complete: readonly Trial<Configuration>[],
  random: () => number,
): (candidate: Candidate<Configuration>) => number {
  // Paths are drawn by four; the first one counts.
  const draw = drawFunctions(surrogate, { paths: 4, spread: 1 }, random);
  const vectors = complete.map((trial) =>
    surrogate.objectives.map(({ valueOf, transform }) => transform(valueOf(trial))),
  );
  const ideal = surrogate.objectives.map((_, k) => Math.min(...vectors.map((vector) => vector[k])));
  const weights = randomWeights(ideal.length, random);
  return (candidate) => {
    const { objectives, feasibility } = draw(candidate);
    return Math.log(Math.max(feasibility[0], Number.MIN_VALUE)) - chebyshev(objectives, weights, ideal);
  };
}
