import { braninCurrin, c2Dtlz2, constrainedBraninCurrin, dtlz2, zdt1 } from './problems.ts';
import type { AnalyticProblem } from './problems.ts';

const valuesAt = (problem: AnalyticProblem, x: readonly number[]) => Object.values(problem.evaluate(x).objectives);

test("Branin's three minima are 0.397887; only the middle one is within the disc", () => {
  const feasible = [
    [-Math.PI, 12.275],
    [Math.PI, 2.275],
    [9.42478, 2.475],
  ].map(([x, y]) => {
    const at = [(x + 5) / 15, y / 15];
    expect(valuesAt(braninCurrin, at)[0]).toBeCloseTo(0.397887, 5);
    return constrainedBraninCurrin.evaluate(at).constraints!.c <= 0;
  });
  expect(feasible).toEqual([false, true, false]);
});

test('the fronts of ZDT1 and DTLZ2 are where they are said to be', () => {
  const [f1, f2] = valuesAt(zdt1(5), [0.25, 0, 0, 0, 0]);
  expect([f1, f2]).toEqual([0.25, 0.5]);
  for (const objectives of [2, 3, 4]) {
    const x = Array.from({ length: 6 }, (_, i) => (i < objectives - 1 ? 0.1 + 0.2 * i : 0.5));
    expect(Math.hypot(...valuesAt(dtlz2(6, objectives), x))).toBeCloseTo(1, 12);
  }
});

test('of the front of C2-DTLZ2 the ends and the middle are feasible, and nothing between', () => {
  const isFeasible = (x: number) => c2Dtlz2(4, 2).evaluate([x, 0.5, 0.5, 0.5]).constraints!.c <= 0;
  expect([0, 0.25, 0.5, 0.75, 1].map(isFeasible)).toEqual([true, false, true, false, true]);
});
