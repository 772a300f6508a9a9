import { choleskyFactor, dot, solveLower } from './cholesky.ts';
import { residuals, varianceDegrees } from './marginal-likelihood.ts';
import { covarianceMatrix, covariances, inverseLengthScales, pointMatrix, scaledPoint } from './matern.ts';
import type { Embedding } from './embedding.ts';
import type { Hyperparameters } from './marginal-likelihood.ts';
import type { PointMatrix } from './matern.ts';

/** A Gaussian process conditioned on data (Rasmussen & Williams 2006, algorithm 2.1). */
export interface GaussianProcess {
  /** By coordinate of the embedding. */
  readonly inverseScales: Float64Array;
  /** The data's points, divided by the length scales. */
  readonly rows: PointMatrix;
  /** Lower Cholesky factor of the correlation matrix plus noise. */
  readonly factor: Float64Array;
  /** The observed values minus the mean. */
  readonly centred: Float64Array;
  readonly alpha: Float64Array;
  readonly mean: number;
  /** Signal variance σ². */
  readonly variance: number;
  /** Noise variance as a share of σ². */
  readonly noise: number;
}

/** `points` are embedded; at least one. */
export function conditionGaussianProcess(
  points: readonly Float64Array[],
  values: Float64Array,
  embedding: Embedding,
  hyperparameters: Hyperparameters,
): GaussianProcess {
  const n = points.length;
  const noise = Math.exp(hyperparameters.logNoise);
  const inverseScales = inverseLengthScales(hyperparameters.logScales, embedding);
  const scaled = points.map((point) => scaledPoint(point, inverseScales));
  const rows = pointMatrix(scaled, embedding.dimensions);
  const factor = choleskyFactor(covarianceMatrix(rows, noise), n);
  const { mean, alpha, fit } = residuals(factor, values, n);
  return {
    inverseScales,
    rows,
    factor,
    centred: values.map((value) => value - mean),
    alpha,
    mean,
    variance: (varianceDegrees + fit) / (varianceDegrees + n),
    noise,
  };
}

/** Mean and variance of the noiseless function at an embedded point (eqs. 2.25 and 2.26). */
export function posterior(process: GaussianProcess, point: Float64Array): { mean: number; variance: number } {
  const { rows, factor, alpha, mean, variance, inverseScales } = process;
  const k = covariances(scaledPoint(point, inverseScales), rows, new Float64Array(rows.count));
  const v = solveLower(factor, rows.count, k);
  return { mean: mean + dot(k, alpha), variance: variance * Math.max(0, 1 - dot(v, v)) };
}

/** Eq. 2.25 alone, which takes no solve. */
export function posteriorMean({ rows, alpha, mean, inverseScales }: GaussianProcess, point: Float64Array): number {
  return mean + dot(covariances(scaledPoint(point, inverseScales), rows, new Float64Array(rows.count)), alpha);
}
