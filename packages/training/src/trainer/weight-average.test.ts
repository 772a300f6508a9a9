import fc from 'fast-check';
import type { LayerWeights, Weights } from '../engine.ts';
import { WeightAverage } from './weight-average.ts';

function weightsOf(kernel: Float32Array, mask: number, statistic: number): Weights {
  const channel = Float32Array.of(kernel[0]);
  const layer: LayerWeights = {
    kernel,
    mask: new Uint8Array(kernel.length).fill(mask),
    gamma: channel,
    beta: channel,
    runningMean: Float32Array.of(statistic),
    runningVariance: Float32Array.of(statistic),
    steps: Float32Array.of(0),
  };
  return new Map([['conv', layer]]);
}

const kernels = fc.array(
  fc
    .array(fc.float({ min: -2, max: 2, noNaN: true }), { minLength: 3, maxLength: 3 })
    .map((values) => Float32Array.from(values)),
  { minLength: 1, maxLength: 20 },
);

test('what is learned is averaged; masks and statistics are the last', () => {
  fc.assert(
    fc.property(kernels, (all) => {
      const average = new WeightAverage();
      all.forEach((kernel, index) => average.add(weightsOf(kernel, index % 2, index)));
      const { kernel, gamma, beta, mask, runningMean } = average.mean().get('conv')!;
      const meanAt = (i: number): number => all.reduce((sum, each) => sum + each[i], 0) / all.length;
      kernel.forEach((value, i) => expect(value).toBeCloseTo(meanAt(i), 5));
      expect(gamma[0]).toBeCloseTo(meanAt(0), 5);
      expect(beta[0]).toBeCloseTo(meanAt(0), 5);
      expect(mask[0]).toBe((all.length - 1) % 2);
      expect(runningMean[0]).toBe(all.length - 1);
    }),
  );
});

test('is empty until something was added', () => {
  const average = new WeightAverage();
  expect(average.isEmpty).toBe(true);
  average.add(weightsOf(Float32Array.of(1), 1, 0));
  expect(average.isEmpty).toBe(false);
});
