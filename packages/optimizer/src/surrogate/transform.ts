/** A monotone map from what was told to what a Gaussian process can model: mean 0, deviation 1, no outliers. */
export type Transform = (value: number) => number;

/**
 * Standardises objectives. Bad values far beyond the rest (a diverged training) are pulled in to Tukey's outer fence,
 * the upper quartile plus three interquartile ranges: that they are bad is all that matters.
 */
export function objectiveTransform(values: readonly number[]): Transform {
  const sorted = [...values].sort((a, b) => a - b);
  const quartile = (share: number) => sorted[Math.round(share * (sorted.length - 1))];
  const range = quartile(0.75) - quartile(0.25);
  const fence = range > 0 ? quartile(0.75) + 3 * range : Infinity;
  const clipped = (value: number) => Math.min(value, fence);
  return standardization(values.map(clipped), clipped);
}

/**
 * Standardises constraints after the bilog map sign(c)·log(1 + |c|) of c over its median size (Eriksson & Poloczek 2021,
 * "Scalable Constrained Bayesian Optimization", §3.2), which magnifies what happens around 0.
 */
export function constraintTransform(values: readonly number[]): Transform {
  const sizes = values.map(Math.abs).sort((a, b) => a - b);
  const unit = sizes[Math.floor(sizes.length / 2)] || sizes.at(-1) || 1;
  const bilog = (value: number) => Math.sign(value) * Math.log1p(Math.abs(value) / unit);
  return standardization(values.map(bilog), bilog);
}

function standardization(values: readonly number[], before: Transform): Transform {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const deviation = variance > 1e-24 * mean ** 2 && Number.isFinite(variance) ? Math.sqrt(variance) : 1;
  return (value) => (before(value) - mean) / deviation;
}
