import fc from 'fast-check';
import { choleskyFactor } from './cholesky.ts';
import { covarianceMatrix, covariances, matern52, matern52Slope, pointMatrix } from './matern.ts';

const squared = fc.integer({ min: 1, max: 10_000 }).map((hundredths) => hundredths / 100);

test('is 1 at no distance, and falls with it towards 0', () => {
  expect(matern52(0)).toBe(1);
  expect(matern52(1e4)).toBeLessThan(1e-90);
  fc.assert(
    fc.property(squared, squared, (a, b) => {
      fc.pre(a < b);
      expect(matern52(b)).toBeLessThan(matern52(a));
    }),
  );
});

test('has the closed form of Rasmussen & Williams 2006, eq. 4.17', () => {
  expect(matern52(1)).toBeCloseTo((1 + Math.sqrt(5) + 5 / 3) * Math.exp(-Math.sqrt(5)), 14);
});

test('the slope is −2 times the derivative by the squared distance', () => {
  fc.assert(
    fc.property(squared, (s) => {
      const step = 1e-4 * s;
      const difference = (matern52(s + step) - matern52(s - step)) / (2 * step);
      expect(matern52Slope(s)).toBeCloseTo(-2 * difference, 6);
    }),
  );
  expect(matern52Slope(0)).toBeCloseTo(5 / 3, 14);
});

test('covariance matrices of distinct points are positive definite, and made of covariances', () => {
  const coordinates = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 2, maxLength: 2 });
  fc.assert(
    fc.property(fc.uniqueArray(coordinates, { minLength: 1, maxLength: 10, selector: String }), (points) => {
      const rows = pointMatrix(
        points.map((point) => Float64Array.from(point, (value) => value / 100)),
        2,
      );
      const matrix = covarianceMatrix(rows, 1e-6);
      const factor = choleskyFactor(matrix, rows.count);
      points.forEach((_, i) => {
        expect(factor[i * rows.count + i]).toBeGreaterThan(0);
        const row = covariances(rows.values.subarray(2 * i, 2 * i + 2), rows, new Float64Array(rows.count));
        for (let j = 0; j < i; j++) expect(matrix[i * rows.count + j]).toBe(row[j]);
      });
    }),
  );
});
