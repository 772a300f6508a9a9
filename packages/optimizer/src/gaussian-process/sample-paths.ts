import { standardNormal } from '../random.ts';
import { choleskySolve } from './cholesky.ts';
import { covariances, scaledPoint } from './matern.ts';
import type { GaussianProcess } from './gaussian-process.ts';

/** Evaluates all sampled functions at an embedded point; writes one value a path into `into`. */
export interface SamplePaths {
  (point: Float64Array, into: Float64Array): void;
}

/**
 * Draws whole functions from the posterior by Matheron's rule (Wilson et al. 2020, "Efficiently Sampling Functions from
 * Gaussian Process Posteriors", eq. 11):
 *
 *     (f | y)(x) = φ(x)ᵀw + k(x, X)·(K + σ²I)⁻¹·(y − Φw − ε)
 *
 * The prior draw φᵀw uses random Fourier features (Rahimi & Recht 2007); the update is exact. One path is consistent
 * over all points, so candidates, pending points and noisy observations are sampled jointly at a cost that is linear
 * in the number of points asked for. `paths` is a multiple of 4. `spread` scales how far the paths are from the
 * posterior mean: 1 for true draws, less to explore less.
 */
export function samplePaths(
  process: GaussianProcess,
  paths: number,
  random: () => number,
  spread = 1,
  featureCount = 256,
): SamplePaths {
  const { rows, factor, centred, mean, noise, inverseScales } = process;
  const { count, dimensions } = rows;
  const deviation = Math.sqrt(process.variance);
  const features = fourierFeatures(dimensions, featureCount, random);

  // One row a path: first the weights of the prior's features, then those of the update's covariances.
  const length = featureCount + count;
  const weights = new Float64Array(paths * length);
  for (let path = 0; path < paths; path++) {
    for (let i = 0; i < featureCount; i++) weights[path * length + i] = spread * standardNormal(random);
  }
  const basis = new Float64Array(length);
  const priorValues = new Float64Array(paths);
  const residual = Array.from({ length: paths }, () => new Float64Array(count));
  for (let i = 0; i < count; i++) {
    features(rows.values.subarray(i * dimensions, (i + 1) * dimensions), basis);
    multiply(weights, basis, priorValues);
    for (let path = 0; path < paths; path++) {
      const noiseDraw = spread * Math.sqrt(noise) * standardNormal(random);
      residual[path][i] = centred[i] / deviation - priorValues[path] - noiseDraw;
    }
  }
  residual.forEach((values, path) => weights.set(choleskySolve(factor, count, values), path * length + featureCount));

  const covariance = basis.subarray(featureCount);
  return (point, into) => {
    const scaled = scaledPoint(point, inverseScales);
    features(scaled, basis);
    covariances(scaled, rows, covariance);
    multiply(weights, basis, into);
    for (let path = 0; path < paths; path++) into[path] = mean + deviation * into[path];
  };
}

/** Matrix times vector; the rows are a multiple of four, and taken by four so that their sums do not wait for each other. */
function multiply(matrix: Float64Array, vector: Float64Array, into: Float64Array): void {
  const columns = vector.length;
  for (let row = 0; row < into.length; row += 4) {
    let a = row * columns;
    let b = a + columns;
    let c = b + columns;
    let d = c + columns;
    let sumA = 0;
    let sumB = 0;
    let sumC = 0;
    let sumD = 0;
    for (let i = 0; i < columns; i++) {
      const value = vector[i];
      sumA += value * matrix[a++];
      sumB += value * matrix[b++];
      sumC += value * matrix[c++];
      sumD += value * matrix[d++];
    }
    into[row] = sumA;
    into[row + 1] = sumB;
    into[row + 2] = sumC;
    into[row + 3] = sumD;
  }
}

/**
 * φ_i(x) = √(2/D)·cos(ω_i·x + b_i). The spectral density of the Matérn-5/2 kernel is a multivariate t distribution with
 * 5 degrees of freedom (Rasmussen & Williams 2006, eq. 4.15), drawn as a normal over √(χ²₅/5).
 */
function fourierFeatures(dimensions: number, count: number, random: () => number) {
  const frequencies = new Float64Array(count * dimensions);
  for (let i = 0; i < count; i++) {
    // χ² of four degrees is twice the sum of two exponential variates; a normal squared is the fifth.
    const chiSquared = standardNormal(random) ** 2 - 2 * Math.log((1 - random()) * (1 - random()));
    const stretch = Math.sqrt(5 / chiSquared);
    const step = (stretch * cosineSteps) / (2 * Math.PI);
    for (let k = 0; k < dimensions; k++) frequencies[i * dimensions + k] = step * standardNormal(random);
  }
  const phases = Float64Array.from({ length: count }, () => cosineSteps * random());
  const amplitude = Math.sqrt(2 / count);
  const angles = new Float64Array(count);
  return (point: Float64Array, into: Float64Array): void => {
    multiply(frequencies, point, angles);
    for (let i = 0; i < count; i++) into[i] = amplitude * cosine(angles[i] + phases[i]);
  };
}

/** Math.cos was half of a proposal's time. Linear interpolation is right to 3·10⁻⁷, far below what the features leave out. */
const cosineSteps = 4096;
const cosines = Float64Array.from({ length: cosineSteps + 1 }, (_, i) => Math.cos((2 * Math.PI * i) / cosineSteps));

/** The angle is in steps, `cosineSteps` to a turn. */
function cosine(angle: number): number {
  const floor = Math.floor(angle);
  const at = floor & (cosineSteps - 1);
  return cosines[at] + (angle - floor) * (cosines[at + 1] - cosines[at]);
}
