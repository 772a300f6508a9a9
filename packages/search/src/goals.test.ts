import fc from 'fast-check';
import { GOAL_OBJECTIVES, describeGoal, meets, rankForGoal, unoGoals, type Goal, type Rated } from './goals.ts';
import { unoLimits } from './space/limits.ts';

const networks: fc.Arbitrary<Rated[]> = fc.array(
  fc.record({
    error: fc.double({ min: 0, max: 1, noNaN: true }),
    cost: fc.record({
      flashBytes: fc.integer({ min: 2_000, max: 40_000 }),
      modelBytes: fc.integer({ min: 100, max: 30_000 }),
      ramBytes: fc.integer({ min: 100, max: 3_000 }),
      cycles: fc.integer({ min: 10_000, max: 10_000_000 }),
      milliseconds: fc.double({ min: 1, max: 500, noNaN: true }),
      macs: fc.integer({ min: 1_000, max: 1_000_000 }),
    }),
  }),
);
const optional = (arbitrary: fc.Arbitrary<number>) => fc.option(arbitrary, { nil: undefined });
const goals: fc.Arbitrary<Goal> = fc.record({
  name: fc.constant('yours'),
  ramBytes: optional(fc.integer({ min: 500, max: 3_000 })),
  modelBytes: optional(fc.integer({ min: 1_000, max: 30_000 })),
  milliseconds: optional(fc.double({ min: 10, max: 500, noNaN: true })),
  accuracy: optional(fc.double({ min: 0, max: 1, noNaN: true })),
  objective: fc.constantFrom(...GOAL_OBJECTIVES),
});
const itself = (network: Rated): Rated => network;

test('ranks those that meet the goal and the chip, and only those', () => {
  fc.assert(
    fc.property(goals, networks, (goal, all) => {
      const ranked = rankForGoal(goal, unoLimits, all, itself);
      expect(new Set(ranked)).toEqual(new Set(all.filter(({ cost }) => meets(goal, unoLimits, cost))));
      for (const { cost } of ranked) {
        expect(cost.ramBytes).toBeLessThanOrEqual(Math.min(unoLimits.ramBytes, goal.ramBytes ?? Infinity));
        expect(cost.milliseconds).toBeLessThanOrEqual(goal.milliseconds ?? Infinity);
      }
    }),
  );
});

test('without an accuracy the least error is first', () => {
  fc.assert(
    fc.property(goals, networks, (goal, all) => {
      const ranked = rankForGoal({ ...goal, accuracy: undefined }, unoLimits, all, itself);
      ranked.slice(1).forEach(({ error }, index) => expect(error).toBeGreaterThanOrEqual(ranked[index].error));
    }),
  );
});

test('with one, those that reach it come first, the smallest of them before all', () => {
  fc.assert(
    fc.property(networks, fc.double({ min: 0, max: 1, noNaN: true }), (all, accuracy) => {
      const ranked = rankForGoal({ name: 'least', accuracy, objective: 'ram' }, unoLimits, all, itself);
      const reached = ranked.map(({ error }) => 1 - error >= accuracy);
      expect(reached).toEqual([...reached].sort((a, b) => Number(b) - Number(a)));
      const accurate = ranked.filter((_, index) => reached[index]);
      expect(accurate.at(0)?.cost.ramBytes).toBe(
        accurate.length === 0 ? undefined : Math.min(...accurate.map(({ cost }) => cost.ramBytes)),
      );
    }),
  );
});

test('goals in words', () => {
  expect(unoGoals.map(describeGoal)).toEqual([
    'least error within the chip',
    'least error within 1,024 B of RAM, 100 ms',
    'least error within 768 B of RAM, 1,536 B of parameters',
    'least error within 11 ms',
  ]);
  expect(describeGoal({ name: 'yours', ramBytes: 512, accuracy: 0.99, objective: 'time' })).toBe(
    'at least 99.00 % with the least time within 512 B of RAM',
  );
});
