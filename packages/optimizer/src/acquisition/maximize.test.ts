import { randomStream } from '../random.ts';
import { lineSpace, lineSurrogate, lineTrial } from '../testing/line-problem.ts';
import { makeCandidate, makePredictor, type Candidate } from '../surrogate/candidate.ts';
import { bestOncePredicted, maximizeAcquisition } from './maximize.ts';

const surrogate = lineSurrogate([0, 0.5, 1].map((x, index) => lineTrial(index + 1, x)));
const effort = { samples: 20, mutants: 20, rounds: 6, kept: 4, mutantsOfEach: 10 };
/** A narrow peak at 0.7. */
const peak = ({ configuration }: Candidate<number>) => -Math.abs(configuration - 0.7);

test('climbs to the best there is, and names the elite that it started from', () => {
  const elite = [makeCandidate(surrogate, 0.6, 2)];
  const found = maximizeAcquisition(surrogate, peak, elite, new Set(), effort, randomStream(1, 1));
  expect(found.length).toBe(4);
  expect(found[0].candidate.configuration).toBeCloseTo(0.7, 2);
  expect([...found].sort((a, b) => b.score - a.score)).toEqual(found);
  expect(found.every(({ candidate }) => [undefined, 2].includes(candidate.parent))).toBe(true);
});

test('what was seen is not found', () => {
  const first = maximizeAcquisition(surrogate, peak, [], new Set(), effort, randomStream(1, 1));
  const best = first[0].candidate.configuration;
  const again = maximizeAcquisition(surrogate, peak, [], new Set([JSON.stringify(best)]), effort, randomStream(1, 1));
  expect(again.map(({ candidate }) => candidate.configuration)).not.toContain(best);
});

describe('once predicted', () => {
  const candidates = [0.9, 0.8, 0.7, 0.6].map((x) => ({ candidate: makeCandidate(surrogate, x), score: x }));
  const bestOf = (disappointment: (x: number) => number) => {
    const asked: number[] = [];
    const predict = makePredictor<number>({ ...lineSpace, predict: (x) => (asked.push(x), {}) });
    const score = ({ configuration }: Candidate<number>) => configuration - disappointment(configuration);
    return { best: bestOncePredicted(candidates, score, predict)?.configuration, asked };
  };

  test('the first one wins, and the others are not asked for, if it keeps its promise', () => {
    expect(bestOf(() => 0)).toEqual({ best: 0.9, asked: [0.9] });
  });

  test('the next ones are asked for as long as they could win', () => {
    expect(bestOf((x) => (x === 0.9 ? 0.15 : 0))).toEqual({ best: 0.8, asked: [0.9, 0.8] });
    expect(bestOf((x) => (x > 0.75 ? 1 : 0.05))).toEqual({ best: 0.7, asked: [0.9, 0.8, 0.7] });
  });
});
