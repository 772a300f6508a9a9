import { lineProblem, lineSurrogate, lineTrial } from '../testing/line-problem.ts';
import { referencePoint } from './reference-point.ts';
import type { Problem } from '../types.ts';

const trials = [0.3, 0.5, 0.8].map((x, index) => lineTrial(index + 1, x));
const withReferences = (left?: number, right?: number): Problem<number> => ({
  ...lineProblem,
  objectives: [
    { name: 'left', reference: left },
    { name: 'right', reference: right },
  ],
});

function referenceFor(problem: Problem<number>) {
  const surrogate = lineSurrogate(trials, problem);
  const told = (left: number, right: number) =>
    surrogate.objectives.map(({ transform, valueOf }) => transform(valueOf({ objectives: { left, right } })));
  return { reference: referencePoint(surrogate, trials), told };
}

test('is the given one once a feasible trial is better than it in everything', () => {
  const { reference, told } = referenceFor(withReferences(0.6, 0.6));
  expect(reference).toEqual(told(0.6, 0.6));
});

test('until then is the given one shifted to where just one trial is', () => {
  const { reference, told } = referenceFor(withReferences(0.2, 0.2));
  const [shiftX, shiftY] = told(0.2, 0.2).map((value, i) => reference[i] - value);
  expect(shiftX).toBeCloseTo(shiftY, 12);
  const below = trials.filter(({ objectives }) =>
    told(objectives.left, objectives.right).every((value, i) => value < reference[i]),
  );
  expect(below.length).toBe(1);
});

test('where none is given, is a tenth of the front beyond it', () => {
  const { reference, told } = referenceFor(withReferences());
  const expected = told(0.8 + 0.1 * (0.8 - 0.3), 0.49 + 0.1 * (0.49 - 0.04));
  reference.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 12));
});
