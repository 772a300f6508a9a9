import fc from 'fast-check';
import { wasmEngine } from '../wasm/engine.ts';
import { everyLayer, spots } from '../engine.fixtures.ts';
import { divergence, divergenceSlope, VariationalDropout, type VariationalTarget } from './variational.ts';

test('the slope of the divergence is its derivative, and never positive', () => {
  fc.assert(
    fc.property(fc.double({ min: -8, max: 8, noNaN: true }), (logAlpha) => {
      const step = 1e-4;
      const difference = (divergence(logAlpha + step) - divergence(logAlpha - step)) / (2 * step);
      expect(divergenceSlope(logAlpha)).toBeCloseTo(difference, 6);
      expect(divergenceSlope(logAlpha)).toBeLessThanOrEqual(0);
    }),
  );
  // Noise that drowns everything costs nothing (Molchanov et al. 2017, figure 1).
  expect(divergence(12)).toBeCloseTo(0, 3);
});

const recipe = { arithmetic: 'float', labelSmoothing: 0, optimizer: 'adam', momentum: 0.9, weightDecay: 0 } as const;

describe.each(['weights', 'channels'] as const)('noise on %s', (target: VariationalTarget) => {
  test('is gone after the step, but for what was learned', async () => {
    const network = await wasmEngine.createNetwork(everyLayer, { batchSize: 8, seed: 1 });
    const before = network.readWeights();
    network.trainStep(spots(8, 1), { ...recipe, learningRate: 0, perturbation: new VariationalDropout(target, 64, 1) });
    for (const [name, { kernel, gamma }] of network.readWeights()) {
      expect(kernel).toEqual(before.get(name)?.kernel);
      expect(gamma).toEqual(before.get(name)?.gamma);
    }
  });

  test('leaves what matters its importance: a value that is 0 has none', async () => {
    const network = await wasmEngine.createNetwork(everyLayer, { batchSize: 8, seed: 1 });
    const dropout = new VariationalDropout(target, 64, 1);
    for (let step = 0; step < 60; step++) {
      network.trainStep(spots(8, step), { ...recipe, learningRate: 0.005, perturbation: dropout });
    }
    const weights = network.readWeights();
    const [name] = [...weights.keys()];
    const values = weights.get(name)![target === 'weights' ? 'kernel' : 'gamma'];
    values[0] = 0;
    const importance = dropout.importance(weights).get(name)!;
    expect(importance).toHaveLength(values.length);
    expect(importance[0]).toBe(0);
    expect(Math.min(...importance.subarray(1))).toBeGreaterThan(0);
    // Variances have moved from where they began.
    const logVariances = importance.subarray(1).map((value, i) => Math.log(values[i + 1] ** 2 / value));
    expect(Math.max(...logVariances.map((logVariance) => Math.abs(logVariance + 8)))).toBeGreaterThan(0.05);
  });
});
