import { choleskyFactor, choleskyInverse, choleskySolve, dot, logDeterminant } from './cholesky.ts';
import { minimizeLbfgs } from './lbfgs.ts';
import { matern52, matern52Slope } from './matern.ts';
import type { Embedding } from './embedding.ts';
import type { Differentiable } from './lbfgs.ts';

/** What a Gaussian process learns, apart from what has a closed form (its mean and variance). */
export interface Hyperparameters {
  /** Logarithms of the length scales, one for each encoded dimension. */
  readonly logScales: Float64Array;
  /** Logarithm of the noise variance as a share of the signal variance. */
  readonly logNoise: number;
}

/** Degrees of freedom of the prior on the signal variance, whose mode is near 1 (values are standardised). */
export const varianceDegrees = 4;

/** Noise is at least this share of the signal; keeps matrices well conditioned. */
const logNoiseFloor = Math.log(1e-6);
const logNoiseMean = Math.log(1e-3);
const logNoiseDeviation = 2.5;
/** A hundredth of a unit of log posterior makes no model better than another. */
const tolerances = { gradientTolerance: 1e-2, valueTolerance: 1e-2 };
/** √3, from the prior of Hvarfner et al. 2024. */
const logScaleDeviation = Math.sqrt(3);

/**
 * The mode of the hyperparameters' posterior, by L-BFGS: some iterations from the prior's centre and from a tenth of its
 * length scales, the rest from the better of the two. `points` are embedded, `values` standardised.
 */
export function fitHyperparameters(
  points: readonly Float64Array[],
  values: Float64Array,
  embedding: Embedding,
): Hyperparameters {
  const objective = negativeLogPosterior(points, values, embedding);
  const starts = [1, 0.1].map((share) => {
    const start = new Float64Array(embedding.scales + 1).fill(priorLogScale(embedding) + Math.log(share));
    start[embedding.scales] = logNoiseMean;
    return minimizeLbfgs(objective, start, { ...tolerances, maxIterations: 10 });
  });
  const better = starts.reduce((a, b) => (b.value < a.value ? b : a));
  const { x } = minimizeLbfgs(objective, better.x, { ...tolerances, maxIterations: 25 });
  return { logScales: x.slice(0, embedding.scales), logNoise: noiseOf(x[embedding.scales]) };
}

/** Above the floor, and smooth. */
function noiseOf(parameter: number): number {
  return logNoiseFloor + Math.log1p(Math.exp(parameter - logNoiseFloor));
}

/**
 * The centre of the length scales' prior, which grows with √dimensions (Hvarfner, Hellsten, Nardi 2024, "Vanilla Bayesian
 * Optimization Performs Great in High Dimensions", eq. 5: a log-normal with µ = √2 + log(D)/2). Theirs has its mode at
 * µ − σ² = µ − 3; half of that does better with Matérn kernels on the problems of docs/optimizer.md.
 */
function priorLogScale(embedding: Embedding): number {
  return Math.SQRT2 + Math.log(embedding.scales) / 2 - 1.5;
}

/**
 * Minus the logarithm of likelihood × prior as a function of (log length scales, noise), with its gradient. With
 * R = K/σ² the correlation matrix plus noise, μ the generalised least-squares mean and σ² integrated out under a scaled
 * inverse χ² prior with ν degrees of freedom, the marginal likelihood (Rasmussen & Williams 2006, eq. 5.8) becomes
 *
 *     −log p = ½·(n + ν)·log(ν + q) + ½·log|R| + const,   q = (y − μ)ᵀ·R⁻¹·(y − μ)
 *
 * and its derivative (eq. 5.9) ½·Σ (R⁻¹ − (n + ν)/(ν + q)·α·αᵀ)∘∂R with α = R⁻¹·(y − μ).
 */
export function negativeLogPosterior(
  points: readonly Float64Array[],
  values: Float64Array,
  embedding: Embedding,
): Differentiable {
  const n = points.length;
  const scales = embedding.scales;
  const squares = pairwiseSquares(points, embedding);
  const prior = priorLogScale(embedding);

  return (parameters) => {
    // The line search may leap; there is nothing to be found this far out.
    if (!parameters.every((parameter) => Math.abs(parameter) < 20)) return unreachable(parameters.length);
    const inverseSquares = Float64Array.from({ length: scales }, (_, i) => Math.exp(-2 * parameters[i]));
    const logNoise = noiseOf(parameters[scales]);
    const noise = Math.exp(logNoise);
    const { matrix, distances } = correlations(squares, inverseSquares, n, noise);
    const factor = choleskyFactor(matrix, n);
    const { alpha, fit } = residuals(factor, values, n);
    const inverse = choleskyInverse(factor, n);

    const weight = (n + varianceDegrees) / (varianceDegrees + fit);
    const gradient = new Float64Array(scales + 1);
    let value = 0.5 * (n + varianceDegrees) * Math.log(varianceDegrees + fit) + 0.5 * logDeterminant(factor, n);

    let diagonal = 0;
    for (let i = 0; i < n; i++) diagonal += inverse[i * n + i] - weight * alpha[i] * alpha[i];
    // The derivative of the softplus in noiseOf.
    const softness = 1 / (1 + Math.exp(logNoiseFloor - parameters[scales]));
    gradient[scales] = 0.5 * diagonal * noise * softness;

    for (let i = 1, pair = 0; i < n; i++) {
      for (let j = 0; j < i; j++, pair++) {
        const shared = (inverse[i * n + j] - weight * alpha[i] * alpha[j]) * matern52Slope(distances[pair]);
        for (let k = 0, at = pair * scales; k < scales; k++, at++) gradient[k] += shared * squares[at];
      }
    }
    for (let k = 0; k < scales; k++) {
      gradient[k] *= inverseSquares[k];
      const deviation = (parameters[k] - prior) / logScaleDeviation;
      value += 0.5 * deviation * deviation;
      gradient[k] += deviation / logScaleDeviation;
    }
    const deviation = (logNoise - logNoiseMean) / logNoiseDeviation;
    value += 0.5 * deviation * deviation;
    gradient[scales] += (deviation / logNoiseDeviation) * softness;
    return { value, gradient };
  };
}

function unreachable(parameters: number): { value: number; gradient: Float64Array } {
  return { value: Infinity, gradient: new Float64Array(parameters) };
}

/** μ by generalised least squares, α = R⁻¹·(y − μ), and q = (y − μ)ᵀ·α. */
export function residuals(
  factor: Float64Array,
  values: Float64Array,
  n: number,
): { mean: number; alpha: Float64Array; fit: number } {
  const ones = choleskySolve(factor, n, new Float64Array(n).fill(1));
  let sumOfOnes = 0;
  for (const value of ones) sumOfOnes += value;
  const mean = dot(ones, values) / sumOfOnes;
  const centred = values.map((value) => value - mean);
  const alpha = choleskySolve(factor, n, centred);
  return { mean, alpha, fit: dot(centred, alpha) };
}

/** Squared differences of every pair i > j, by length scale: `[pair][scale]`, coordinates of one scale added up. */
function pairwiseSquares(points: readonly Float64Array[], embedding: Embedding): Float64Array {
  const { scales, scaleOfCoordinate, dimensions } = embedding;
  const squares = new Float64Array(((points.length * (points.length - 1)) / 2) * scales);
  let at = 0;
  for (let i = 1; i < points.length; i++) {
    for (let j = 0; j < i; j++, at += scales) {
      for (let k = 0; k < dimensions; k++) squares[at + scaleOfCoordinate[k]] += (points[i][k] - points[j][k]) ** 2;
    }
  }
  return squares;
}

function correlations(squares: Float64Array, inverseSquares: Float64Array, n: number, noise: number) {
  const scales = inverseSquares.length;
  const matrix = new Float64Array(n * n);
  const distances = new Float64Array((n * (n - 1)) / 2);
  for (let i = 0, pair = 0, at = 0; i < n; i++) {
    for (let j = 0; j < i; j++, pair++) {
      let sum = 0;
      for (let k = 0; k < scales; k++) sum += squares[at++] * inverseSquares[k];
      distances[pair] = sum;
      matrix[i * n + j] = matern52(sum);
    }
    matrix[i * n + i] = 1 + noise;
  }
  return { matrix, distances };
}
