import type { Json } from '@sparrow/optimizer';

/** Configurations as numbers: `columns[feature][configuration]`, all in [0, 1]. */
export interface FeatureTable {
  readonly columns: readonly Float64Array[];
  /** Features that are one hyperparameter: the filters of every block, say. Constant ones are left out. */
  readonly groups: readonly { readonly name: string; readonly features: readonly number[] }[];
}

/**
 * Takes configurations apart, whatever they are made of. Numbers are replaced by their ranks, so that a logarithm would not change
 * anything; names are numbered; what a configuration does not have comes before all values.
 */
export function tabulate(configurations: readonly Json[]): FeatureTable {
  const rows = configurations.map(flatten);
  const paths = [...new Set(rows.flatMap((row) => [...row.keys()]))].sort();
  const varying = paths
    .map((path) => ({ path, column: ranks(rows.map((row) => row.get(path))) }))
    .filter(({ column }) => column.some((value) => value !== column[0]));
  const groups = new Map<string, number[]>();
  varying.forEach(({ path }, feature) => {
    const name = nameOf(path);
    groups.set(name, [...(groups.get(name) ?? []), feature]);
  });
  return {
    columns: varying.map(({ column }) => column),
    groups: [...groups].map(([name, features]) => ({ name, features })),
  };
}

type Leaf = boolean | number | string;

/** `blocks/0/filters` → 8; of lists also how long they are: `blocks/count` → 3. */
function flatten(configuration: Json): Map<string, Leaf> {
  const leaves = new Map<string, Leaf>();
  const visit = (value: Json | undefined, path: string): void => {
    if (value === null || value === undefined) return;
    if (typeof value !== 'object') {
      leaves.set(path, value);
      return;
    }
    const prefix = path === '' ? '' : `${path}/`;
    if (Array.isArray(value)) leaves.set(`${prefix}count`, value.length);
    for (const [key, child] of Object.entries(value)) visit(child as Json, prefix + key);
  };
  visit(configuration, '');
  return leaves;
}

/** Rank of each value among the different ones, scaled to [0, 1]. */
function ranks(values: readonly (Leaf | undefined)[]): Float64Array {
  const different = [...new Set(values)].filter((value) => value !== undefined).sort(compare);
  const places = new Map<Leaf | undefined, number>(different.map((value, place) => [value, place + 1]));
  return Float64Array.from(values, (value) => (places.get(value) ?? 0) / Math.max(1, different.length));
}

function compare(a: Leaf, b: Leaf): number {
  if (typeof a !== 'string' && typeof b !== 'string') return Number(a) - Number(b);
  return String(a) < String(b) ? -1 : 1;
}

/** `blocks/2/weightBits` → "blocks: weight bits". */
function nameOf(path: string): string {
  const words = path
    .split('/')
    .filter((part) => !/^\d+$/.test(part))
    .map((part) => part.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`));
  return words.join(': ');
}
