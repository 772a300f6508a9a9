import type { Problem, SearchSpace, Trial } from '../types.ts';

/** A small mixed space for tests: a real, an integer, a category, and a dimension that exists only with the category. */
export interface Toy {
  readonly x: number;
  readonly depth: number;
  readonly kind: 'flat' | 'deep';
  /** Only with `deep`. */
  readonly extra?: number;
}

function withExtra(toy: Omit<Toy, 'extra'>, extra: number): Toy {
  return toy.kind === 'deep' ? { ...toy, extra } : toy;
}

export const toySpace: SearchSpace<Toy> = {
  sample(random) {
    const base = { x: random(), depth: Math.floor(random() * 8), kind: random() < 0.5 ? 'flat' : 'deep' } as const;
    return withExtra(base, random());
  },
  mutate({ extra = 0.5, ...base }, random) {
    const which = Math.floor(random() * 4);
    if (which === 0) return withExtra({ ...base, x: random() }, extra);
    if (which === 1) return withExtra({ ...base, depth: Math.floor(random() * 8) }, extra);
    if (which === 2) return withExtra({ ...base, kind: base.kind === 'flat' ? 'deep' : 'flat' }, extra);
    return withExtra({ ...base, x: Math.min(1, base.x + random() / 10) }, random());
  },
  encode: ({ x, depth, kind, extra }) => [x, depth / 7, kind === 'flat' ? 0 : 1, extra ?? NaN],
};

export function isToy({ x, depth, kind, extra }: Toy): boolean {
  const unit = (value: number) => value >= 0 && value <= 1;
  return unit(x) && Number.isInteger(depth) && depth >= 0 && depth < 8 && (kind === 'deep') === (extra !== undefined);
}

export const toyProblem: Problem<Toy> = {
  space: toySpace,
  objectives: [{ name: 'error' }, { name: 'bytes', scale: 'log' }],
  constraints: ['overflow'],
};

export function evaluateToy({ x, depth, kind, extra = 0 }: Toy): Pick<Trial<Toy>, 'objectives' | 'constraints'> {
  const error = (x - 0.3) ** 2 + (7 - depth) / 20 + (kind === 'deep' ? extra / 5 : 0.1);
  const bytes = 100 + 50 * depth + (kind === 'deep' ? 200 : 0) + 100 * x;
  return { objectives: { error, bytes }, constraints: { overflow: bytes - 600 } };
}

export function toyTrial(id: number, configuration: Toy, change: Partial<Trial<Toy>> = {}): Trial<Toy> {
  return {
    id,
    configuration,
    rung: 0,
    state: 'complete',
    ...evaluateToy(configuration),
    attributes: {},
    startedAt: id,
    finishedAt: id + 1,
    timesLost: 0,
    ...change,
  };
}
