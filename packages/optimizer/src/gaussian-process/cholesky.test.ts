import fc from 'fast-check';
import { randomStream } from '../random.ts';
import { choleskyFactor, choleskyInverse, choleskySolve, logDeterminant } from './cholesky.ts';

/** A·Aᵀ + I of a random A. */
function positiveDefinite(seed: number, n: number): Float64Array {
  const random = randomStream(seed, 0);
  const a = Array.from({ length: n }, () => Array.from({ length: n }, () => 2 * random() - 1));
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return a[i].reduce((sum, value, k) => sum + value * a[j][k], i === j ? 1 : 0);
  });
}

test('solves, inverts, and has the determinant of what it factors', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 9 }), (seed, n) => {
      const matrix = positiveDefinite(seed, n);
      const factor = choleskyFactor(matrix, n);
      const b = Float64Array.from({ length: n }, randomStream(seed, 1));
      const x = choleskySolve(factor, n, b);
      const inverse = choleskyInverse(factor, n);
      for (let i = 0; i < n; i++) {
        let [product, solved] = [0, 0];
        for (let j = 0; j < n; j++) {
          product += matrix[i * n + j] * x[j];
          solved += (j <= i ? inverse[i * n + j] : inverse[j * n + i]) * b[j];
        }
        expect(product).toBeCloseTo(b[i], 9);
        expect(solved).toBeCloseTo(x[i], 9);
      }
      if (n === 2) {
        const determinant = matrix[0] * matrix[3] - matrix[1] * matrix[2];
        expect(logDeterminant(factor, n)).toBeCloseTo(Math.log(determinant), 9);
      }
    }),
  );
});

test('a singular matrix is factored with a little more on its diagonal, an indefinite one not at all', () => {
  expect(choleskyFactor(Float64Array.of(1, 1, 1, 1), 2)[3]).toBeLessThan(1e-3);
  expect(() => choleskyFactor(Float64Array.of(1, 2, 2, 1), 2)).toThrow('not positive definite');
});
