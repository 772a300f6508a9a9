import type { LayerWeights, Weights } from './engine.ts';

/** How tests compare weights, gradients and logits. */

export function layerOf(weights: Weights, name: string): LayerWeights {
  const layer = weights.get(name);
  if (!layer) throw new Error(`no layer ${name}`);
  return layer;
}

export function expectClose(actual: Weights, expected: Weights, tolerance: number): void {
  expect([...actual.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [name, layer] of actual) {
    const other = layerOf(expected, name);
    expect(layer.mask).toEqual(other.mask);
    for (const parameter of ['kernel', 'gamma', 'beta', 'steps', 'runningMean', 'runningVariance'] as const) {
      expectArrayClose(layer[parameter], other[parameter], tolerance);
    }
  }
}

export function expectArrayClose(actual: Float32Array, expected: Float32Array, tolerance: number): void {
  expect(actual).toHaveLength(expected.length);
  expect(Math.max(0, ...actual.map((value, i) => Math.abs(value - expected[i])))).toBeLessThanOrEqual(tolerance);
}

export function correlation(a: Float32Array, b: Float32Array): number {
  const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((value, i) => {
    ab += (value - meanA) * (b[i] - meanB);
    aa += (value - meanA) ** 2;
    bb += (b[i] - meanB) ** 2;
  });
  return ab / Math.sqrt(aa * bb);
}
