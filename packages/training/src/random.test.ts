import { Random } from './random.ts';

test('the same seed and stream give the same numbers, others do not', () => {
  const take = (random: Random): number[] => Array.from({ length: 20 }, () => random.next());
  expect(take(new Random(1, 2))).toEqual(take(new Random(1, 2)));
  expect(take(new Random(1, 2))).not.toEqual(take(new Random(1, 3)));
  expect(take(new Random(1, 2))).not.toEqual(take(new Random(2, 2)));
});

test('moments of the uniform and the normal distribution', () => {
  const random = new Random(3);
  const uniform = Array.from({ length: 20_000 }, () => random.next());
  const normal = Array.from({ length: 20_000 }, () => random.normal());
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  expect(mean(uniform)).toBeCloseTo(0.5, 1);
  expect(mean(uniform.map((value) => (value - 0.5) ** 2))).toBeCloseTo(1 / 12, 2);
  expect(mean(normal)).toBeCloseTo(0, 1);
  expect(mean(normal.map((value) => value ** 2))).toBeCloseTo(1, 1);
});

test('a permutation has every index once', () => {
  const order = new Random(4).permutation(1000);
  expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
});
