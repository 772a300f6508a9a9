import { nonDominatedIndices } from '../pareto.ts';
import { scaled } from '../ranking.ts';
import { isFeasible } from '../types.ts';
import type { Surrogate } from '../surrogate/surrogate.ts';
import type { Trial } from '../types.ts';

/**
 * The reference point in standardised objectives: the caller's where there is one; else, as BoTorch infers it, a tenth of
 * the front's extent beyond the front's worst value (of all trials' extent if the front is a single point).
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
  return problem.objectives.map((objective, i) => {
    if (objective.reference !== undefined) return objectives[i].transform(scaled(objective.reference, objective));
    const worst = Math.max(...front.map((values) => values[i]));
    const extent = worst - Math.min(...front.map((values) => values[i]));
    return worst + 0.1 * (extent || Math.max(...all.map((values) => values[i])) - worst || 1);
  });
}
