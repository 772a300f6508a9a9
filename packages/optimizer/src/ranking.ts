import { hypervolumeContributions } from './hypervolume.ts';
import { nonDominatedIndices, nonDominatedRanks } from './pareto.ts';
import { isFeasible } from './types.ts';
import type { Point } from './pareto.ts';
import type { Objective, Trial } from './types.ts';

/** The trial's objectives in the given order, logarithms where the scale asks for it. */
export function objectiveVector(trial: Pick<Trial<unknown>, 'objectives'>, objectives: readonly Objective[]): number[] {
  return objectives.map((objective) => scaled(trial.objectives[objective.name], objective));
}

export function scaled(value: number, objective: Objective): number {
  // Zero bytes happen (a layer without weights); their logarithm must not become −∞.
  return objective.scale === 'log' ? Math.log(Math.max(value, 1e-12)) : value;
}

/** The complete, feasible trials that no other such trial dominates, in order of `id`. */
export function paretoFront<Configuration>(
  trials: readonly Trial<Configuration>[],
  objectives: readonly Objective[],
): Trial<Configuration>[] {
  const candidates = trials.filter((trial) => trial.state === 'complete' && isFeasible(trial));
  const points = candidates.map((trial) => objectiveVector(trial, objectives));
  return nonDominatedIndices(points).map((index) => candidates[index]);
}

/**
 * Best first: feasible before infeasible (Deb's constrained domination), infeasible ones by their summed violation;
 * feasible ones by non-dominated sorting, and on one front by what each alone adds to the hypervolume (as in SMS-EMOA,
 * Beume et al. 2007); the older trial wins a tie. All `trials` are complete.
 */
export function rankTrials<Configuration>(
  trials: readonly Trial<Configuration>[],
  objectives: readonly Objective[],
): Trial<Configuration>[] {
  const feasible = trials.filter(isFeasible);
  const points = normalized(feasible.map((trial) => objectiveVector(trial, objectives)));
  const ranks = nonDominatedRanks(points);
  const contributions = contributionsByFront(points, ranks);
  const order = feasible.map((_, index) => index);
  order.sort((a, b) => ranks[a] - ranks[b] || contributions[b] - contributions[a] || feasible[a].id - feasible[b].id);
  const infeasible = trials.filter((trial) => !isFeasible(trial));
  infeasible.sort((a, b) => violation(a) - violation(b) || a.id - b.id);
  return [...order.map((index) => feasible[index]), ...infeasible];
}

/** How far all its constraints are violated together; 0 if it is feasible. */
export function violation(trial: Pick<Trial<unknown>, 'constraints'>): number {
  return Object.values(trial.constraints).reduce((sum, value) => sum + Math.max(0, value), 0);
}

function contributionsByFront(points: readonly Point[], ranks: readonly number[]): number[] {
  const contributions = new Array<number>(points.length).fill(0);
  for (let rank = 0; rank <= Math.max(-1, ...ranks); rank++) {
    const members = points.map((_, index) => index).filter((index) => ranks[index] === rank);
    // A tenth beyond the worst value, so that the extremes of the front count for something.
    const reference = points[0].map(() => 1.1);
    hypervolumeContributions(
      members.map((index) => points[index]),
      reference,
    ).forEach((value, position) => (contributions[members[position]] = value));
  }
  return contributions;
}

/** Each coordinate scaled to [0, 1] over the points. */
export function normalized(points: readonly Point[]): number[][] {
  if (points.length === 0) return [];
  const lowest = points[0].map((_, i) => Math.min(...points.map((point) => point[i])));
  const highest = points[0].map((_, i) => Math.max(...points.map((point) => point[i])));
  return points.map((point) =>
    point.map((value, i) => (highest[i] > lowest[i] ? (value - lowest[i]) / (highest[i] - lowest[i]) : 0)),
  );
}
