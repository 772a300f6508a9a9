import fc from 'fast-check';
import { randomStream } from '../random.ts';
import { evaluateToy, isToy, toyProblem, toySpace, toyTrial } from '../testing/toy-space.ts';
import { configurationKey, keysOf } from './distinct.ts';
import type { Toy } from '../testing/toy-space.ts';
import type { Problem, Sampler, Trial } from '../types.ts';

type Make = (problem: Problem<Toy>) => Sampler<Toy>;

/** What every sampler owes; run it against each implementation. `runs` bounds the histories that are tried. */
export function samplerContract(name: string, make: Make, { runs = 12 } = {}): void {
  const histories = fc.record({ seed: fc.integer(), length: fc.integer({ min: 0, max: 40 }) });
  const property = (check: (history: Trial<Toy>[], seed: number) => void) =>
    fc.assert(
      fc.property(histories, ({ seed, length }) => check(makeHistory(seed, length), seed)),
      { numRuns: runs },
    );

  describe(`sampler contract: ${name}`, () => {
    test('proposals lie in the space, are new, and name an existing parent', () => {
      property((history, seed) => {
        const { configuration, parent } = make(toyProblem).propose(history, randomStream(seed, 1));
        expect(isToy(configuration)).toBe(true);
        expect(keysOf(history).has(configurationKey(configuration))).toBe(false);
        if (parent !== undefined) expect(history.some((trial) => trial.id === parent)).toBe(true);
      });
    });

    test('the answer follows from history and random alone, also after other calls', () => {
      property((history, seed) => {
        const fresh = make(toyProblem).propose(history, randomStream(seed, 1));
        const used = make(toyProblem);
        used.propose(history.slice(0, history.length / 2), randomStream(seed, 2));
        used.propose(history, randomStream(seed, 3));
        expect(used.propose(history, randomStream(seed, 1))).toEqual(fresh);
      });
    });

    test('different random streams give different proposals', () => {
      const history = makeHistory(7, 12);
      const sampler = make(toyProblem);
      const proposals = [1, 2, 3, 4, 5, 6].map((index) => sampler.propose(history, randomStream(7, index)));
      expect(new Set(proposals.map((proposal) => configurationKey(proposal.configuration))).size).toBeGreaterThan(1);
    });

    test('trials are not modified', () => {
      property((history, seed) => {
        make(toyProblem).propose(deepFreeze(history), randomStream(seed, 1));
      });
    });

    test('copes with histories that teach nothing', () => {
      const configurations = makeHistory(3, 10).map((trial) => trial.configuration);
      const changes: Partial<Trial<Toy>>[] = [
        { state: 'failed', objectives: {}, constraints: {} },
        { state: 'running', objectives: {}, constraints: {} },
        { state: 'pruned', objectives: { error: 1 }, constraints: {} },
        { objectives: { error: 1, bytes: 0 } },
        { constraints: { overflow: 1 } },
        { objectives: { error: 1e300, bytes: 1e300 } },
      ];
      for (const change of changes) {
        const history = configurations.map((configuration, index) => toyTrial(index + 1, configuration, change));
        expect(isToy(make(toyProblem).propose(history, randomStream(3, 1)).configuration)).toBe(true);
      }
    });

    test('takes one objective or four, known ones, and no constraints', () => {
      const one: Problem<Toy> = { ...toyProblem, objectives: [{ name: 'error' }], constraints: [] };
      const names = ['error', 'bytes', 'more', 'most'];
      const four: Problem<Toy> = { ...toyProblem, objectives: names.map((objective) => ({ name: objective })) };
      const known: Problem<Toy> = { ...toyProblem, space: { ...toySpace, predict: predictBytes } };
      const history = makeHistory(5, 15).map((trial) => ({
        ...trial,
        objectives: { ...trial.objectives, more: trial.configuration.x, most: -trial.configuration.x },
      }));
      for (const problem of [one, four, known]) {
        expect(isToy(make(problem).propose(history, randomStream(5, 1)).configuration)).toBe(true);
      }
    });

    test('asks for few predictions, which may take long', () => {
      let asked = 0;
      const predict = (toy: Toy) => (asked++, predictBytes(toy));
      const sampler = make({ ...toyProblem, space: { ...toySpace, predict } });
      const history = makeHistory(11, 40);
      const running = history.filter(({ state }) => state === 'running').length;
      sampler.propose(history, randomStream(11, 1));
      expect(asked).toBeLessThanOrEqual(5 + running);
      asked = 0;
      sampler.propose(history, randomStream(11, 2));
      expect(asked).toBeLessThanOrEqual(4);
    });

    test('goes on when a small space is exhausted', () => {
      const only: Toy = { x: 0.5, depth: 3, kind: 'flat' };
      const space = { sample: () => only, mutate: () => only, encode: toySpace.encode };
      const history = [toyTrial(1, only), toyTrial(2, only), toyTrial(3, only)];
      expect(make({ ...toyProblem, space }).propose(history, randomStream(1, 1)).configuration).toEqual(only);
    });
  });
}

/** Mostly complete trials on three rungs, with running, pruned and failed ones among them. */
function makeHistory(seed: number, length: number): Trial<Toy>[] {
  const random = randomStream(seed, 0);
  return Array.from({ length }, (_, index) => {
    const configuration = toySpace.sample(random);
    const dice = random();
    const rung = random() < 0.7 ? 0 : random() < 0.7 ? 1 : 2;
    if (dice < 0.8) return toyTrial(index + 1, configuration, { rung });
    const state = dice < 0.87 ? 'running' : dice < 0.94 ? 'pruned' : 'failed';
    return toyTrial(index + 1, configuration, { rung, state, objectives: {}, constraints: {} });
  });
}

function predictBytes(toy: Toy) {
  const { objectives, constraints } = evaluateToy(toy);
  return { objectives: { bytes: objectives.bytes }, constraints };
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
