import fc from 'fast-check';
import { randomStream } from '../random.ts';
import { makeEmbedding } from './embedding.ts';
import { fitHyperparameters, negativeLogPosterior } from './marginal-likelihood.ts';

/** Three plain dimensions and two conditional ones, which are absent half of the time. */
const embedding = makeEmbedding([false, false, false, true, true]);

function makeData(seed: number, count: number, f: (x: readonly number[]) => number) {
  const random = randomStream(seed, 0);
  const encoded = Array.from({ length: count }, () => {
    const isAbsent = random() < 0.5;
    return Array.from({ length: 5 }, (_, i) => (i >= 3 && isAbsent ? NaN : random()));
  });
  const raw = encoded.map(f);
  const mean = raw.reduce((sum, value) => sum + value, 0) / count;
  const deviation = Math.sqrt(raw.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count);
  return {
    points: encoded.map((vector) => embedding.embed(vector)),
    values: Float64Array.from(raw, (value) => (value - mean) / deviation),
  };
}

const bumpy = ([x, y, , u]: readonly number[]) => Math.sin(6 * x) + y + (Number.isNaN(u) ? 0.5 : u * u);

test('the gradient is that of finite differences', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 2, max: 12 }), (seed, count) => {
      const { points, values } = makeData(seed, count, bumpy);
      const f = negativeLogPosterior(points, values, embedding);
      const random = randomStream(seed, 1);
      const x = Float64Array.from({ length: 6 }, (_, i) => (i < 5 ? 3 * random() - 2 : 10 * random() - 15));
      const { gradient } = f(x);
      const step = 1e-5;
      gradient.forEach((slope, i) => {
        const [above, below] = [step, -step].map((change) => f(x.with(i, x[i] + change)).value);
        expect(Math.abs((above - below) / (2 * step) - slope)).toBeLessThan(1e-5 * (1 + Math.abs(slope)));
      });
    }),
    { numRuns: 40 },
  );
});

test('dimensions that do not matter get the longest length scales', () => {
  const { points, values } = makeData(7, 60, ([x, y]) => Math.sin(8 * x) + Math.cos(5 * y));
  const { logScales, logNoise } = fitHyperparameters(points, values, embedding);
  const relevant = Math.max(logScales[0], logScales[1]);
  for (const irrelevant of [2, 3, 4]) expect(logScales[irrelevant]).toBeGreaterThan(relevant + 1);
  expect(Math.exp(logNoise)).toBeLessThan(0.01);
});

test('noise is recognised as noise', () => {
  const random = randomStream(1, 2);
  const { points, values } = makeData(8, 60, ([x]) => x + 2 * (random() - 0.5));
  expect(Math.exp(fitHyperparameters(points, values, embedding).logNoise)).toBeGreaterThan(0.1);
});
