import { makePredictor } from '../surrogate/candidate.ts';
import { makeEncoder } from '../surrogate/encoding.ts';
import { buildSurrogate, type Surrogate } from '../surrogate/surrogate.ts';
import type { Problem, SearchSpace, Trial } from '../types.ts';

/** The interval [0, 1] with two objectives that want opposite ends: x and (1 − x)², and x ≥ 0.2 as a constraint. */
export const lineSpace: SearchSpace<number> = {
  sample: (random) => random(),
  mutate: (x, random) => Math.min(1, Math.max(0, x + (random() - 0.5) / 5)),
  encode: (x) => [x],
};

export const lineProblem: Problem<number> = {
  space: lineSpace,
  objectives: [
    { name: 'left', reference: 2 },
    { name: 'right', reference: 2 },
  ],
  constraints: ['edge'],
};

export function lineTrial(id: number, x: number): Trial<number> {
  return {
    id,
    configuration: x,
    rung: 0,
    state: 'complete',
    objectives: { left: x, right: (1 - x) ** 2 },
    constraints: { edge: 0.2 - x },
    attributes: {},
    startedAt: id,
    finishedAt: id,
    timesLost: 0,
  };
}

export function lineSurrogate(trials: readonly Trial<number>[], problem = lineProblem): Surrogate<number> {
  return buildSurrogate(problem, makeEncoder(problem.space), trials, makePredictor(problem.space), new Map());
}
