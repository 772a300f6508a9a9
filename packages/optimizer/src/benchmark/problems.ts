import { standardNormal } from '../random.ts';
import type { Observation, Problem, SearchSpace } from '../types.ts';

/** An analytic problem whose hypervolume is known to be hard to get without a model. */
export interface AnalyticProblem {
  readonly name: string;
  readonly problem: Problem<readonly number[]>;
  evaluate(x: readonly number[]): Observation;
  /** Where the hypervolume is measured from. */
  readonly reference: readonly number[];
}

/** The unit cube; a mutation moves one to three coordinates by a normal step whose size is log-uniform. */
export function unitCube(dimensions: number): SearchSpace<readonly number[]> {
  return {
    sample: (random) => Array.from({ length: dimensions }, random),
    mutate(x, random) {
      const moved = [...x];
      const step = 10 ** (-3 * random()) / 2;
      for (let moves = 1 + Math.floor(3 * random()); moves > 0; moves--) {
        const i = Math.floor(dimensions * random());
        moved[i] = Math.min(1, Math.max(0, moved[i] + step * standardNormal(random)));
      }
      return moved;
    },
    encode: (x) => x,
  };
}

function makeProblem(
  name: string,
  dimensions: number,
  reference: readonly number[],
  f: (x: readonly number[]) => readonly number[],
  constraint?: (x: readonly number[]) => number,
): AnalyticProblem {
  const objectives = reference.map((value, i) => ({ name: `f${i + 1}`, reference: value }));
  return {
    name,
    reference,
    problem: { space: unitCube(dimensions), objectives, constraints: constraint ? ['c'] : [] },
    evaluate: (x) => ({
      objectives: Object.fromEntries(f(x).map((value, i) => [`f${i + 1}`, value])),
      ...(constraint ? { constraints: { c: constraint(x) } } : {}),
    }),
  };
}

function branin([u, v]: readonly number[]): number {
  const [x, y] = [15 * u - 5, 15 * v];
  const bowl = y - (5.1 * x * x) / (4 * Math.PI ** 2) + (5 * x) / Math.PI - 6;
  return bowl * bowl + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10;
}

function currin([x, y]: readonly number[]): number {
  const damping = y > 0 ? 1 - Math.exp(-1 / (2 * y)) : 1;
  return (damping * (2300 * x ** 3 + 1900 * x * x + 2092 * x + 60)) / (100 * x ** 3 + 500 * x * x + 4 * x + 20);
}

/** Belakaria, Deshwal, Doppa 2019; reference as in BoTorch. */
export const braninCurrin = makeProblem('BraninCurrin', 2, [18, 6], (x) => [branin(x), currin(x)]);

/** BraninCurrin within the disc of Gelbart, Snoek, Adams 2014: (x − 2.5)² + (y − 7.5)² ≤ 50 in Branin's coordinates. */
export const constrainedBraninCurrin = makeProblem(
  'BraninCurrin-disc',
  2,
  [80, 12],
  (x) => [branin(x), currin(x)],
  ([u, v]) => (15 * u - 7.5) ** 2 + (15 * v - 7.5) ** 2 - 50,
);

/** Zitzler, Deb, Thiele 2000. */
export function zdt1(dimensions: number): AnalyticProblem {
  return makeProblem('ZDT1', dimensions, [11, 11], ([first, ...others]) => {
    const g = 1 + (9 * others.reduce((sum, value) => sum + value, 0)) / others.length;
    return [first, g * (1 - Math.sqrt(first / g))];
  });
}

/** Deb, Thiele, Laumanns, Zitzler 2002: the front is the positive part of the unit sphere. */
export function dtlz2(dimensions: number, objectives: number): AnalyticProblem {
  const reference = new Array<number>(objectives).fill(1.1);
  const f = (x: readonly number[]) => dtlz2Values(x, objectives);
  return makeProblem(objectives === 2 ? 'DTLZ2' : `DTLZ2-${objectives}`, dimensions, reference, f);
}

/** Jain & Deb 2014: DTLZ2, of whose front only spherical caps are feasible. */
export function c2Dtlz2(dimensions: number, objectives: number): AnalyticProblem {
  const reference = new Array<number>(objectives).fill(1.1);
  const radius = objectives === 2 ? 0.2 : objectives === 3 ? 0.4 : 0.5;
  const f = (x: readonly number[]) => dtlz2Values(x, objectives);
  const constraint = (x: readonly number[]) => {
    const values = f(x);
    const norm = values.reduce((sum, value) => sum + value * value, 0);
    const corners = values.map((value) => (value - 1) ** 2 + norm - value * value - radius ** 2);
    const centre = values.reduce((sum, value) => sum + (value - 1 / Math.sqrt(objectives)) ** 2, 0) - radius ** 2;
    return Math.min(centre, ...corners);
  };
  return makeProblem('C2-DTLZ2', dimensions, reference, f, constraint);
}

function dtlz2Values(x: readonly number[], objectives: number): number[] {
  const g = x.slice(objectives - 1).reduce((sum, value) => sum + (value - 0.5) ** 2, 0);
  return Array.from({ length: objectives }, (_, i) => {
    let value = 1 + g;
    for (let j = 0; j < objectives - 1 - i; j++) value *= Math.cos((x[j] * Math.PI) / 2);
    return i === 0 ? value : value * Math.sin((x[objectives - 1 - i] * Math.PI) / 2);
  });
}

export const benchmarkProblems: readonly AnalyticProblem[] = [
  braninCurrin,
  constrainedBraninCurrin,
  zdt1(12),
  dtlz2(6, 2),
  dtlz2(8, 4),
  c2Dtlz2(8, 2),
];
