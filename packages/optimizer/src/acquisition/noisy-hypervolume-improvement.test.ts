import { randomStream } from '../random.ts';
import { makeCandidate, observedCandidates } from '../surrogate/candidate.ts';
import { lineProblem, lineSurrogate, lineTrial } from '../testing/line-problem.ts';
import { noisyHypervolumeImprovement } from './noisy-hypervolume-improvement.ts';
import { referencePoint } from './reference-point.ts';
import type { Trial } from '../types.ts';

function acquisitionAfter(history: readonly Trial<number>[], problem = lineProblem) {
  const complete = history.filter((trial) => trial.state === 'complete');
  const surrogate = lineSurrogate(complete, problem);
  const observed = observedCandidates(surrogate, history, () => undefined);
  const reference = referencePoint(surrogate, complete);
  const options = { paths: 64, spread: 1 };
  const { score, elite } = noisyHypervolumeImprovement(surrogate, observed, reference, options, randomStream(1, 1));
  return { elite, valueOf: (x: number) => Math.exp(score(makeCandidate(surrogate, x))) };
}

/** Eight trials along the line, with a hole between 0.45 and 0.9. */
const history = [0, 0.1, 0.25, 0.3, 0.35, 0.4, 0.45, 0.9].map((x, index) => lineTrial(index + 1, x));

test('is next to nothing where nothing is to be gained, and largest in the hole of the front', () => {
  const { valueOf } = acquisitionAfter(history);
  const inHole = valueOf(0.65);
  expect(inHole).toBeGreaterThan(0.01);
  for (const evaluated of [0.3, 0.4, 0.9]) expect(valueOf(evaluated)).toBeLessThan(1e-3 * inHole);
  for (const infeasible of [0.02, 0.05, 0.12]) expect(valueOf(infeasible)).toBeLessThan(1e-3 * inHole);
});

test('a trial that runs is reckoned with', () => {
  const running: Trial<number> = { ...lineTrial(9, 0.65), state: 'running', objectives: {}, constraints: {} };
  const before = acquisitionAfter(history).valueOf(0.65);
  expect(acquisitionAfter([...history, running]).valueOf(0.65)).toBeLessThan(1e-2 * before);
});

test('the elite are the feasible trials that may be on the front, and not those that run', () => {
  const running: Trial<number> = { ...lineTrial(9, 0.65), state: 'running', objectives: {}, constraints: {} };
  const ids = acquisitionAfter([...history, running]).elite.map(({ parent }) => parent);
  expect(new Set(ids)).toEqual(new Set([3, 4, 5, 6, 7, 8]));
});
