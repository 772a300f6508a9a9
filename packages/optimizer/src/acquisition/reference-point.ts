import { nonDominatedIndices } from '../pareto.ts';
import { scaled } from '../ranking.ts';
import { isFeasible } from '../types.ts';
import type { Surrogate } from '../surrogate/surrogate.ts';
import type { Trial } from '../types.ts';

/**
 * The reference point in standardised objectives: the caller's once a feasible trial is better than it in everything.
 * Until then, and where the caller has none, a tenth of the front's extent beyond the front's worst value, as BoTorch
 * infers it (of all trials' extent if the front is a single point): a far-off reference would leave most of the
 * acquisition flat.
 */
export function referencePoint<Configuration>(
  surrogate: Surrogate<Configuration>,
  complete: readonly Trial<Configuration>[],
): number[] {
  const { problem, objectives } = surrogate;
  const vector = (trial: Trial<Configuration>) =>
    problem.objectives.map((objective, i) =>
      objectives[i].transform(scaled(trial.objectives[objective.name], objective)),
    );
  const all = complete.map(vector);
  const feasible = complete.filter(isFeasible).map(vector);
  const candidates = feasible.length > 0 ? feasible : all;
  const front = nonDominatedIndices(candidates).map((index) => candidates[index]);
  const given = problem.objectives.map((objective, i) =>
    objective.reference === undefined ? undefined : objectives[i].transform(scaled(objective.reference, objective)),
  );
  const isReached = feasible.some((values) => values.every((value, i) => value < (given[i] ?? Infinity)));
  return given.map((value, i) => {
    if (isReached && value !== undefined) return value;
    const worst = Math.max(...front.map((values) => values[i]));
    const extent = worst - Math.min(...front.map((values) => values[i]));
    const inferred = worst + 0.1 * (extent || Math.max(...all.map((values) => values[i])) - worst || 1);
    return Math.max(inferred, value ?? -Infinity);
  });
}
