import { nonDominatedIndices } from '../pareto.ts';
import { isFeasible } from '../types.ts';
import type { Surrogate } from '../surrogate/surrogate.ts';
import type { Trial } from '../types.ts';

/**
 * How far beyond what was reached a reference point is: as a share of the front's extent (as BoTorch infers it), and in
 * standard deviations.
 */
const margin = 0.1;

/**
 * The reference point in standardised objectives. Where the caller gives one, it is his once a feasible trial is better
 * than it in everything; until then it is shifted, by as much in every objective, to where one trial is: a front that
 * is far from the caller's reference in some objectives is no use to him, however long it is. Where the caller gives
 * none, it is a tenth of the front's extent beyond the front's worst value (of all trials' extent if the front is a
 * single point): a far-off reference would leave most of the acquisition flat.
 */
export function referencePoint<Configuration>(
  { problem, objectives }: Surrogate<Configuration>,
  complete: readonly Trial<Configuration>[],
): number[] {
  const vector = (told: Pick<Trial<Configuration>, 'objectives'>) =>
    objectives.map(({ transform, valueOf }) => transform(valueOf(told)));
  const all = complete.map(vector);
  const feasible = complete.filter(isFeasible).map(vector);
  const candidates = feasible.length > 0 ? feasible : all;
  const given = problem.objectives.map(({ name, reference }, i) =>
    reference === undefined
      ? undefined
      : objectives[i].transform(objectives[i].valueOf({ objectives: { [name]: reference } })),
  );
  const excess = (values: readonly number[]) => Math.max(...values.map((value, i) => value - (given[i] ?? Infinity)));
  const least = Math.min(...candidates.map(excess));
  const shift = least < 0 ? 0 : least + margin;
  const front = nonDominatedIndices(candidates).map((index) => candidates[index]);
  return given.map((value, i) => (value === undefined ? inferred(front, all, i) : value + shift));
}

function inferred(front: readonly number[][], all: readonly number[][], i: number): number {
  const worst = Math.max(...front.map((values) => values[i]));
  const extent = worst - Math.min(...front.map((values) => values[i]));
  return worst + margin * (extent || Math.max(...all.map((values) => values[i])) - worst || 1);
}
