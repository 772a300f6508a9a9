import { randomStream } from '../random.ts';
import { toyProblem, toySpace, toyTrial, type Toy } from '../testing/toy-space.ts';
import type { Preference, Problem } from '../types.ts';
import { bayesianSampler } from './bayesian.ts';
import { samplerContract } from './sampler.contract.ts';

const small = ({ depth }: Toy): boolean => depth <= 3;

const preferences: readonly Preference<Toy>[] = [
  {
    name: 'small',
    rank: (trials) =>
      trials
        .filter(({ configuration }) => small(configuration))
        .sort((a, b) => a.objectives.error - b.objectives.error || a.id - b.id),
    admits: small,
    promise: ({ x }) => x,
  },
  {
    name: 'any',
    rank: (trials) => [...trials].sort((a, b) => a.objectives.error - b.objectives.error || a.id - b.id),
    admits: () => true,
  },
];
const withPreferences = (problem: Problem<Toy>): Problem<Toy> => ({ ...problem, preferences });

samplerContract('bayesian with preferences', (problem) => bayesianSampler(withPreferences(problem)));

const history = Array.from({ length: 30 }, (_, index) => toyTrial(index + 1, toySpace.sample(randomStream(5, index))));

test('takes turns: what one preference does not admit is proposed for the other only', () => {
  const sampler = bayesianSampler(withPreferences(toyProblem));
  const proposalsAfter = (length: number) =>
    Array.from({ length: 20 }, (_, seed) => sampler.propose(history.slice(0, length), randomStream(seed, 1)));
  expect(proposalsAfter(28).every(({ configuration }) => small(configuration))).toBe(true);
  expect(proposalsAfter(29).some(({ configuration }) => !small(configuration))).toBe(true);
});

test('parents are among the best for the preference, and morphs are close to what improves', () => {
  const sampler = bayesianSampler(withPreferences(toyProblem));
  const best = preferences[0].rank(history).map(({ id }) => id);
  const parents = Array.from(
    { length: 20 },
    (_, seed) => sampler.propose(history.slice(), randomStream(seed, 1)).parent,
  );
  const named = parents.filter((parent) => parent !== undefined);
  expect(named.length).toBeGreaterThan(5);
  expect(named.every((parent) => best.slice(0, 8).includes(parent))).toBe(true);
});

test('a preference draws its own samples, and what it does not confirm is not proposed where another is', () => {
  const own: Toy = { x: 0.5, depth: 2, kind: 'flat' };
  const problem = withPreferences(toyProblem);
  const drawing: Preference<Toy> = { ...preferences[1], sample: (random) => ({ ...own, x: random() }) };
  const confirming: Preference<Toy> = { ...drawing, promise: ({ x }) => x, confirms: ({ x }) => x < 0.9 };
  const proposal = (preference: Preference<Toy>, seed: number): Toy =>
    bayesianSampler({ ...problem, preferences: [preference] }).propose([], randomStream(seed, 1)).configuration;
  for (let seed = 0; seed < 20; seed++) {
    expect(proposal(drawing, seed)).toEqual({ ...own, x: expect.any(Number) });
    expect(proposal(confirming, seed).x).toBeLessThan(0.9);
  }
});
