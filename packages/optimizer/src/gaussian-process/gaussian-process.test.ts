import fc from 'fast-check';
import { randomStream } from '../random.ts';
import { makeEmbedding } from './embedding.ts';
import { conditionGaussianProcess, posterior, posteriorMean } from './gaussian-process.ts';
import { samplePaths } from './sample-paths.ts';

const dimensions = 3;
const embedding = makeEmbedding(new Array<boolean>(dimensions).fill(false));

function makeData(seed: number, count: number) {
  const random = randomStream(seed, 0);
  const point = () => Float64Array.from({ length: dimensions }, random);
  const points = Array.from({ length: count }, point);
  const values = Float64Array.from(points, ([x, y, z]) => Math.sin(5 * x) + y * z + 0.1 * random());
  const logScales = Float64Array.from({ length: dimensions }, () => Math.log(0.2 + random()));
  const logNoise = Math.log(1e-3 + 0.1 * random());
  const query = point();
  return { points, values, logScales, logNoise, query };
}

/** Solves A·x = b by Gauss–Jordan elimination with pivoting: slow, plain, and none of the package's code. */
function denseSolve(matrix: readonly (readonly number[])[], b: readonly number[]): number[] {
  const n = b.length;
  const rows = matrix.map((row, i) => [...row, b[i]]);
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let i = column; i < n; i++) if (Math.abs(rows[i][column]) > Math.abs(rows[pivot][column])) pivot = i;
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    for (let i = 0; i < n; i++) {
      if (i === column) continue;
      const factor = rows[i][column] / rows[column][column];
      for (let j = column; j <= n; j++) rows[i][j] -= factor * rows[column][j];
    }
  }
  return rows.map((row, i) => row[n] / row[i]);
}

const inner = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0);

/** Rasmussen & Williams 2006, eqs. 2.25 and 2.26 with a constant mean by generalised least squares, as they stand there. */
function textbook({ points, values, logScales, logNoise, query }: ReturnType<typeof makeData>) {
  const k = (a: Float64Array, b: Float64Array) => {
    const r = Math.sqrt(
      5 *
        inner(
          Array.from(a, (value, i) => ((value - b[i]) / Math.exp(logScales[i])) ** 2),
          [1, 1, 1],
        ),
    );
    return (1 + r + (r * r) / 3) * Math.exp(-r);
  };
  const K = points.map((a, i) => points.map((b, j) => k(a, b) + (i === j ? Math.exp(logNoise) : 0)));
  const ones = points.map(() => 1);
  const mean = inner(denseSolve(K, ones), [...values]) / inner(denseSolve(K, ones), ones);
  const centred = Array.from(values, (value) => value - mean);
  const alpha = denseSolve(K, centred);
  const covariance = points.map((point) => k(point, query));
  const n = points.length;
  // The mean of σ² under its posterior is all but this: prior with 4 degrees of freedom around 1, and the data's.
  const signal = (4 + inner(centred, alpha)) / (4 + n);
  const variance = signal * (1 - inner(covariance, denseSolve(K, covariance)));
  return { mean: mean + inner(covariance, alpha), variance };
}

test('the posterior is that of a dense textbook solve', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 12 }), (seed, count) => {
      const data = makeData(seed, count);
      const process = conditionGaussianProcess(data.points, data.values, embedding, data);
      const expected = textbook(data);
      const { mean, variance } = posterior(process, data.query);
      expect(mean).toBeCloseTo(expected.mean, 8);
      expect(variance).toBeCloseTo(expected.variance, 8);
      expect(posteriorMean(process, data.query)).toBe(mean);
    }),
    { numRuns: 30 },
  );
});

test('without noise it passes through the data, and is certain there', () => {
  const data = makeData(3, 10);
  const process = conditionGaussianProcess(data.points, data.values, embedding, { ...data, logNoise: Math.log(1e-9) });
  data.points.forEach((point, i) => {
    const { mean, variance } = posterior(process, point);
    expect(mean).toBeCloseTo(data.values[i], 5);
    expect(variance).toBeLessThan(1e-6);
  });
});

describe('sample paths', () => {
  const data = makeData(5, 12);
  const process = conditionGaussianProcess(data.points, data.values, embedding, data);
  const paths = 2048;
  const drawAt = (points: readonly Float64Array[], spread = 1) => {
    const evaluate = samplePaths(process, paths, randomStream(1, 1), spread, 1024);
    return points.map((point) => {
      const values = new Float64Array(paths);
      evaluate(point, values);
      return values;
    });
  };
  const meanOf = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const varianceOf = (values: Float64Array) => {
    const mean = meanOf(values);
    return meanOf(values.map((value) => (value - mean) ** 2));
  };

  test('have the mean and the variance of the posterior', () => {
    const queries = Array.from({ length: 5 }, (_, i) => makeData(i, 1).query);
    drawAt(queries).forEach((values, i) => {
      const { mean, variance } = posterior(process, queries[i]);
      // Six standard errors of an estimate from so many paths; the features' own error is below that.
      expect(Math.abs(meanOf(values) - mean)).toBeLessThan(6 * Math.sqrt(variance / paths) + 1e-3);
      expect(varianceOf(values) / variance).toBeGreaterThan(0.85);
      expect(varianceOf(values) / variance).toBeLessThan(1.15);
    });
  });

  test('are functions: nearby points have nearby values, the same point the same', () => {
    const near = data.query.map((value) => value + 1e-4);
    const [a, b, again] = drawAt([data.query, near, data.query]);
    expect(again).toEqual(a);
    expect(Math.max(...a.map((value, path) => Math.abs(value - b[path])))).toBeLessThan(0.01);
  });

  test('without spread are the posterior mean', () => {
    const [values] = drawAt([data.query], 0);
    const mean = posteriorMean(process, data.query);
    expect(Math.max(...values.map((value) => Math.abs(value - mean)))).toBeLessThan(1e-9);
  });
});
