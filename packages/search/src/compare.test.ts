import { hypervolumeAt, progressOf, timeToReach } from './compare.ts';
import { comparisonTable } from './cli/comparison-table.ts';
import { unoLimits } from './space/limits.ts';
import { networkProblem } from './space/problem.ts';
import type { NetworkTrial } from './trials.ts';

const { objectives } = networkProblem({ height: 28, width: 28, channels: 1 }, 10, unoLimits);

const trial = (id: number, error: number, flashBytes: number): NetworkTrial =>
  ({
    id,
    state: 'complete',
    rung: 0,
    objectives: { error, flashBytes, ramBytes: 1000, cycles: 1e6 },
    constraints: {},
    attributes: {},
    startedAt: 1_000 * id,
    finishedAt: 1_000 * id + 500,
  }) as unknown as NetworkTrial;

test('hypervolume never falls, and grows with what is better', () => {
  const progress = progressOf([trial(1, 0.1, 8_000), trial(2, 0.15, 9_000), trial(3, 0.05, 8_000)], objectives);
  expect(progress.map(({ milliseconds, trials }) => [milliseconds, trials])).toEqual([
    [500, 1],
    [1_500, 2],
    [2_500, 3],
  ]);
  const [first, second, third] = progress.map(({ hypervolume }) => hypervolume);
  // Products of logarithms: of error, flash, RAM and cycles below their references.
  const rest = Math.log(32_256 / 8_000) * Math.log(2_048 / 1_000) * Math.log(16);
  expect(first).toBeCloseTo(Math.log(0.2 / 0.1) * rest, 9);
  expect(second).toBe(first);
  expect(third).toBeCloseTo(Math.log(0.2 / 0.05) * rest, 9);
});

test('a table of medians: how soon each is as good as random was in the end', () => {
  const run = (sampler: 'random' | 'bayesian', seed: number, error: number) => ({
    sampler,
    seed,
    progress: progressOf([trial(1, error, 8_000), trial(2, error / 2, 8_000)], objectives),
  });
  const slow = run('random', 1, 0.1);
  const fast = run('bayesian', 1, 0.05);
  expect(timeToReach(fast, hypervolumeAt(slow, Infinity))).toBe(500);
  expect(hypervolumeAt(slow, 400)).toBe(0);
  const lines = comparisonTable([slow, fast], 4_000).split('\n');
  expect(lines.find((line) => line.includes('bayesian'))).toMatch(/0:01 *$/);
});
