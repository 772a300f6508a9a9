import fc from 'fast-check';
import { hypervolume, isFeasible, objectiveVector, type Objective, type Trial } from '@sparrow/optimizer';
import { historyOf } from './history.ts';

const objectives: readonly Objective[] = [
  { name: 'error', reference: 0.5, scale: 'log' },
  { name: 'bytes', reference: 100, scale: 'linear' },
];

const arbitraryTrials = fc
  .array(
    fc.record({
      state: fc.constantFrom('complete' as const, 'complete' as const, 'pruned' as const, 'running' as const),
      error: fc.double({ min: 0.001, max: 1, noNaN: true }),
      bytes: fc.integer({ min: 1, max: 150 }),
      overflow: fc.integer({ min: -5, max: 2 }),
      startedAt: fc.nat(1000),
      lasts: fc.nat(300),
    }),
    { maxLength: 25 },
  )
  .map((all) =>
    all.map(({ state, error, bytes, overflow, startedAt, lasts }, index): Trial<null> => ({
      id: index + 1,
      configuration: null,
      rung: 0,
      state,
      objectives: state === 'complete' ? { error, bytes } : {},
      constraints: state === 'complete' ? { overflow } : {},
      attributes: {},
      startedAt,
      ...(state === 'running' ? {} : { finishedAt: startedAt + lasts }),
      timesLost: 0,
    })),
  );

test('a history ends with what all trials together have reached, and nothing falls on the way', () => {
  fc.assert(
    fc.property(arbitraryTrials, (trials) => {
      const history = historyOf(trials, objectives, 'error');
      const complete = trials.filter(({ state }) => state === 'complete');
      expect(history.map(({ trials: count }) => count)).toEqual(complete.map((_, index) => index + 1));
      const feasible = complete.filter(isFeasible);
      const last = history.at(-1);
      const points = feasible.map((trial) => objectiveVector(trial, objectives));
      expect(last?.hypervolume ?? 0).toBeCloseTo(hypervolume(points, [Math.log(0.5), 100]), 9);
      expect(last?.bestError ?? Infinity).toBe(Math.min(...feasible.map((trial) => trial.objectives.error)));
      for (const [index, step] of history.entries()) {
        const before = history[index - 1] ?? { milliseconds: 0, hypervolume: 0 };
        expect(step.milliseconds).toBeGreaterThanOrEqual(before.milliseconds);
        expect(step.hypervolume).toBeGreaterThanOrEqual(before.hypervolume);
      }
    }),
  );
});

test('pauses are not time', () => {
  const trial = (id: number, startedAt: number, finishedAt: number): Trial<null> => ({
    id,
    configuration: null,
    rung: 0,
    state: 'complete',
    objectives: { error: 0.1, bytes: 10 },
    constraints: {},
    attributes: {},
    startedAt,
    finishedAt,
    timesLost: 0,
  });
  const history = historyOf([trial(1, 0, 10), trial(2, 5, 20), trial(3, 1000, 1007)], objectives, 'error');
  expect(history.map(({ milliseconds }) => milliseconds)).toEqual([10, 20, 27]);
});
