import { randomStream, type Json } from '@sparrow/optimizer';
import type { Importance } from '../study-report.ts';
import { tabulate, type FeatureTable } from './features.ts';
import { growForest } from './forest.ts';

/** A quantity that hyperparameters may explain: one value for each configuration. */
export interface Target {
  readonly name: string;
  readonly values: readonly number[];
}

const FEWEST_TRIALS = 20;
/** Time grows with their number; the latest tell most about where the search is. */
const MOST_TRIALS = 400;
const FOLDS = 4;

interface Explanation {
  /** As `Importance.objectives`. */
  readonly explained: number;
  /** Of each group. */
  readonly shares: readonly number[];
}

/**
 * Permutation importance (Breiman 2001, §10) on trials that the forest has not seen: how much worse it predicts them when the values of
 * one hyperparameter are shuffled. Half of what the squared error grows by is that hyperparameter's total share of the variance (Gregorutti,
 * Michel, Saint-Pierre 2017, prop. 1). Hyperparameters that always change together share what they explain.
 * Undefined if there are too few trials, or nothing varies. Values that are bytes, times or errors should come as logarithms.
 */
export function importanceOf(configurations: readonly Json[], targets: readonly Target[]): Importance | undefined {
  const from = Math.max(0, configurations.length - MOST_TRIALS);
  const table = tabulate(configurations.slice(from));
  const trials = configurations.length - from;
  if (trials < FEWEST_TRIALS || table.groups.length === 0 || targets.length === 0) return undefined;
  const explanations = targets.map(({ values }) => explain(table, Float64Array.from(values.slice(from))));
  const hyperparameters = table.groups.map(({ name }, group) => ({
    name,
    shares: explanations.map(({ shares }) => shares[group]),
  }));
  return {
    trials,
    objectives: targets.map(({ name }, index) => ({ name, explained: explanations[index].explained })),
    hyperparameters: hyperparameters.sort((a, b) => b.shares[0] - a.shares[0]),
  };
}

function explain({ columns, groups }: FeatureTable, targets: Float64Array): Explanation {
  const random = randomStream(0, targets.length);
  const order = shuffled([...targets.keys()], random);
  const increases = groups.map(() => 0);
  let error = 0;
  for (let fold = 0; fold < FOLDS; fold++) {
    const held = order.filter((_, place) => place % FOLDS === fold);
    const seen = order.filter((_, place) => place % FOLDS !== fold);
    const forest = growForest(columns, targets, seen, random);
    const base = squaredError(held, targets, (row) => forest(row, columns));
    error += base;
    groups.forEach(({ features }, group) => {
      const permuted = permute(columns, features, held, random);
      increases[group] += squaredError(held, targets, (row) => forest(row, permuted)) - base;
    });
  }
  const mean = targets.reduce((sum, value) => sum + value, 0) / targets.length;
  const total = squaredError(order, targets, () => mean);
  if (total === 0) return { explained: 0, shares: increases.map(() => 0) };
  return { explained: 1 - error / total, shares: increases.map((increase) => Math.max(0, increase / 2 / total)) };
}

/** The values of some features, of all of them together, go to other rows. */
function permute(
  columns: readonly Float64Array[],
  features: readonly number[],
  rows: readonly number[],
  random: () => number,
): Float64Array[] {
  const sources = shuffled(rows, random);
  const permuted = [...columns];
  for (const feature of features) {
    const column = Float64Array.from(columns[feature]);
    rows.forEach((row, place) => (column[row] = columns[feature][sources[place]]));
    permuted[feature] = column;
  }
  return permuted;
}

function squaredError(rows: readonly number[], targets: Float64Array, predict: (row: number) => number): number {
  return rows.reduce((sum, row) => sum + (predict(row) - targets[row]) ** 2, 0);
}

/** Fisher–Yates. */
function shuffled(items: readonly number[], random: () => number): number[] {
  const result = [...items];
  for (let i = result.length; i > 1; i--) {
    const j = Math.floor(random() * i);
    [result[i - 1], result[j]] = [result[j], result[i - 1]];
  }
  return result;
}
