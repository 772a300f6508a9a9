export type TreeNode = Split | Leaf;

interface Split {
  readonly kind: 'split';
  readonly feature: number;
  readonly threshold: number;
  readonly below: TreeNode;
  readonly above: TreeNode;
}

interface Leaf {
  readonly kind: 'leaf';
  readonly value: number;
}

/** Fewer are not split any further: n_min of Geurts et al. 2006, for regression. */
const FEWEST_ROWS = 5;

interface Candidate {
  readonly feature: number;
  readonly threshold: number;
}

/** A tree of Geurts et al. 2006, table 1: of a random threshold on each of K features, the one that explains the most variance. */
export function createTree(
  columns: readonly Float64Array[],
  targets: Float64Array,
  rows: readonly number[],
  random: () => number,
): TreeNode {
  if (rows.length < FEWEST_ROWS) return { kind: 'leaf', value: mean(targets, rows) };
  const candidates = drawSplits(columns, rows, random);
  if (candidates.length === 0) return { kind: 'leaf', value: mean(targets, rows) };
  const scores = candidates.map((candidate) => explained(candidate, columns, targets, rows));
  const { feature, threshold } = candidates[scores.indexOf(Math.max(...scores))];
  const isBelow = (row: number) => columns[feature][row] < threshold;
  return {
    kind: 'split',
    feature,
    threshold,
    below: createTree(columns, targets, rows.filter(isBelow), random),
    above: createTree(
      columns,
      targets,
      rows.filter((row) => !isBelow(row)),
      random,
    ),
  };
}

/**
 * K is half of the features that vary among the rows. All of them, the paper's default, explain as much of 300 networks' cycles, RAM and
 * flash, but half as much of 60 networks'.
 */
function drawSplits(columns: readonly Float64Array[], rows: readonly number[], random: () => number): Candidate[] {
  const candidates: Candidate[] = [];
  columns.forEach((column, feature) => {
    let [lowest, highest] = [Infinity, -Infinity];
    for (const row of rows) {
      if (column[row] < lowest) lowest = column[row];
      if (column[row] > highest) highest = column[row];
    }
    // In (lowest, highest]: neither side is empty.
    if (lowest < highest) candidates.push({ feature, threshold: highest - random() * (highest - lowest) });
  });
  for (let i = candidates.length; i > 1; i--) {
    const j = Math.floor(random() * i);
    [candidates[i - 1], candidates[j]] = [candidates[j], candidates[i - 1]];
  }
  return candidates.slice(0, Math.ceil(candidates.length / 2));
}

/** Sum of squares between the two sides, up to a constant: the larger, the less variance is left within them. */
function explained(
  { feature, threshold }: Candidate,
  columns: readonly Float64Array[],
  targets: Float64Array,
  rows: readonly number[],
): number {
  const column = columns[feature];
  let [below, sumBelow, sum] = [0, 0, 0];
  for (const row of rows) {
    sum += targets[row];
    if (column[row] >= threshold) continue;
    below++;
    sumBelow += targets[row];
  }
  const above = rows.length - below;
  return sumBelow ** 2 / below + (sum - sumBelow) ** 2 / above;
}

function mean(targets: Float64Array, rows: readonly number[]): number {
  return rows.reduce((sum, row) => sum + targets[row], 0) / rows.length;
}
