import fc from 'fast-check';
import { rankTrials } from '../ranking.ts';
import { randomStream } from '../random.ts';
import { toyProblem, toySpace, toyTrial } from '../testing/toy-space.ts';
import { successiveHalving } from './successive-halving.ts';
import type { Toy } from '../testing/toy-space.ts';
import type { Trial } from '../types.ts';

/** Runs `asks` asks, each finished at once, and returns the history. */
function simulate(seed: number, asks: number, rungs: number, reductionFactor: number): Trial<Toy>[] {
  const random = randomStream(seed, 0);
  const scheduler = successiveHalving<Toy>(toyProblem, { rungs, reductionFactor });
  const history: Trial<Toy>[] = [];
  for (let id = 1; id <= asks; id++) {
    const promoted = scheduler.promote(history);
    if (promoted) history.push(toyTrial(id, promoted.configuration, { rung: promoted.rung + 1, parent: promoted.id }));
    else history.push(toyTrial(id, toySpace.sample(random)));
  }
  return history;
}

describe('successive halving', () => {
  test('promotes each trial once, one rung up, never beyond the last rung or the quota', () => {
    const cases = fc.record({
      seed: fc.integer(),
      asks: fc.integer({ min: 0, max: 80 }),
      rungs: fc.integer({ min: 1, max: 4 }),
      factor: fc.integer({ min: 2, max: 4 }),
    });
    fc.assert(
      fc.property(cases, ({ seed, asks, rungs, factor }) => {
        const history = simulate(seed, asks, rungs, factor);
        const promotions = history.filter((trial) => trial.rung > 0);
        expect(new Set(promotions.map((trial) => trial.parent)).size).toBe(promotions.length);
        for (const trial of promotions) {
          expect(trial.rung).toBe(history[trial.parent! - 1].rung + 1);
          expect(trial.configuration).toEqual(history[trial.parent! - 1].configuration);
        }
        const sizes = Array.from({ length: rungs }, (_, rung) => history.filter((trial) => trial.rung === rung).length);
        expect(sizes.reduce((a, b) => a + b, 0)).toBe(history.length);
        for (const trial of promotions) {
          const rung = history.slice(0, trial.id - 1).filter((other) => other.rung === trial.rung - 1);
          const best = rankTrials(rung, toyProblem.objectives).slice(0, Math.floor(rung.length / factor));
          expect(best.map((other) => other.id)).toContain(trial.parent);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('when nothing more is to be promoted, the best of every rung have been', () => {
    const scheduler = successiveHalving<Toy>(toyProblem, { rungs: 3, reductionFactor: 3 });
    const history = simulate(5, 60, 3, 3);
    while (scheduler.promote(history)) {
      const { id, rung, configuration } = scheduler.promote(history)!;
      history.push(toyTrial(history.length + 1, configuration, { rung: rung + 1, parent: id }));
    }
    for (const rung of [0, 1]) {
      const finished = history.filter((trial) => trial.rung === rung);
      const best = rankTrials(finished, toyProblem.objectives).slice(0, Math.floor(finished.length / 3));
      for (const trial of best) expect(history.some((other) => other.parent === trial.id)).toBe(true);
    }
  });

  test('running and failed trials neither count nor rise; pruned ones count', () => {
    const scheduler = successiveHalving<Toy>(toyProblem, { rungs: 2, reductionFactor: 2 });
    const toy: Toy = { x: 0.3, depth: 1, kind: 'flat' };
    const nothing = { objectives: {}, constraints: {} };
    const best = toyTrial(1, toy);
    expect(scheduler.promote([best])).toBeUndefined();
    expect(scheduler.promote([best, toyTrial(2, toy, { state: 'running', ...nothing })])).toBeUndefined();
    expect(scheduler.promote([best, toyTrial(2, toy, { state: 'failed', ...nothing })])).toBeUndefined();
    expect(scheduler.promote([best, toyTrial(2, toy, { state: 'pruned', ...nothing })])).toBe(best);
  });

  test('feasible trials rise before infeasible ones that look better', () => {
    const scheduler = successiveHalving<Toy>(toyProblem, { rungs: 2, reductionFactor: 2 });
    const toy: Toy = { x: 0.3, depth: 1, kind: 'flat' };
    const tooBig = toyTrial(1, toy, { objectives: { error: 0, bytes: 1 }, constraints: { overflow: 1 } });
    const fits = toyTrial(2, toy, { objectives: { error: 1, bytes: 9 }, constraints: { overflow: 0 } });
    expect(scheduler.promote([tooBig, fits])).toBe(fits);
  });

  test('refuses factors that do not fit the rungs', () => {
    expect(() => successiveHalving(toyProblem, { rungs: 3, reductionFactor: [4] })).toThrow(
      'needs 2 reduction factors',
    );
    expect(() => successiveHalving(toyProblem, { rungs: 3, reductionFactor: 1 })).toThrow('above 1');
  });
});
