import { minimizeLbfgs } from './lbfgs.ts';

test('finds the minimum of the Rosenbrock function along its bent valley', () => {
  const rosenbrock = ([x, y]: Float64Array) => ({
    value: (1 - x) ** 2 + 100 * (y - x * x) ** 2,
    gradient: Float64Array.of(-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)),
  });
  const { x, value } = minimizeLbfgs(rosenbrock, Float64Array.of(-1.2, 1), { maxIterations: 100 });
  expect(value).toBeLessThan(1e-8);
  expect([...x].map((component) => Number(component.toFixed(3)))).toEqual([1, 1]);
});

test('never returns what is worse than its start, whatever the gradient says', () => {
  const lying = ([x]: Float64Array) => ({ value: x * x, gradient: Float64Array.of(-2 * x) });
  expect(minimizeLbfgs(lying, Float64Array.of(3))).toEqual({ x: Float64Array.of(3), value: 9 });
});
