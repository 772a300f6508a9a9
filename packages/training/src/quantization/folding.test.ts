import type { Conv2d, WeightBits } from '@sparrow/model';
import fc from 'fast-check';
import type { LayerWeights } from '../engine.ts';
import { Random } from '../random.ts';
import { BATCH_NORM_EPSILON } from './batchNorm.ts';
import { foldBatchNorm } from './folding.ts';
import { kernelLayout, LARGEST_WEIGHT, roundedKernel } from './kernel.ts';

const CHANNELS = 4;
const INPUTS = 9;

const layerOf = (weightBits: WeightBits, accumulatorBits?: 16): Conv2d => ({
  kind: 'conv2d',
  name: 'conv',
  inputs: [0],
  filters: CHANNELS,
  kernel: { height: 3, width: 3 },
  stride: 1,
  padding: 'valid',
  weightBits,
  ...(accumulatorBits ? { accumulatorBits } : {}),
});

/** Includes pruned channels, gains of 0, negative and vanishing gains. */
function randomWeights(random: Random): LayerWeights {
  const many = (count: number, make: () => number): Float32Array => Float32Array.from({ length: count }, make);
  const gains = [1, 0, -1, 1e-6, -1e-3, 3];
  const kernel = many(CHANNELS * INPUTS, () => random.normal());
  const mask = Uint8Array.from(kernel, () => (random.next() < 0.7 ? 1 : 0));
  if (random.next() < 0.3) mask.fill(0, 0, INPUTS);
  return {
    kernel: kernel.map((weight, i) => weight * mask[i]),
    mask,
    gamma: many(CHANNELS, () => gains[Math.floor(random.next() * gains.length)]),
    beta: many(CHANNELS, () => random.normal()),
    runningMean: many(CHANNELS, () => random.normal()),
    runningVariance: many(CHANNELS, () => 0.01 + random.next()),
  };
}

const cases = fc.record({
  seed: fc.integer(),
  weightBits: fc.constantFrom<WeightBits>(8, 4, 2),
  inputScale: fc.double({ min: 1e-4, max: 0.1, noNaN: true }),
  outputScale: fc.double({ min: 5e-3, max: 1, noNaN: true }),
});

describe('foldBatchNorm', () => {
  test('its integers are batch norm over the weights they stand for, to within rounding', () => {
    fc.assert(
      fc.property(cases, ({ seed, weightBits, inputScale, outputScale }) => {
        const random = new Random(seed);
        const learned = randomWeights(random);
        const layer = layerOf(weightBits);
        const layout = kernelLayout(layer, learned.kernel.length, CHANNELS);
        const { parameters, kernelScales } = foldBatchNorm(layer, learned, layout, inputScale, outputScale);
        const { weights, bias, requantization } = parameters;
        if (!requantization) throw new Error('no requantisation');
        const x = Array.from({ length: INPUTS }, () => Math.floor(random.next() * 256));
        for (let o = 0; o < CHANNELS; o++) {
          const sum = x.reduce((total, pixel, i) => total + pixel * weights[o * INPUTS + i], 0);
          const factor = requantization.multipliers[o] / 2 ** requantization.shift;
          const integer = Math.min(255, Math.floor(Math.max(0, sum + bias[o]) * factor));
          const z = sum * kernelScales[o] * inputScale;
          const deviation = Math.sqrt(learned.runningVariance[o] + BATCH_NORM_EPSILON);
          const real = learned.gamma[o] * ((z - learned.runningMean[o]) / deviation) + learned.beta[o];
          const wanted = Math.min(255, Math.max(0, real / outputScale));
          // Half a step of rounding, half a step of the bias, and the float32 rounding of the scales.
          expect(Math.abs(integer - wanted)).toBeLessThanOrEqual(0.5 + 0.5 * factor + 3e-2);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('accumulators that shall fit in 16 bits do, for every image', () => {
    fc.assert(
      fc.property(cases, ({ seed, weightBits, inputScale, outputScale }) => {
        const learned = randomWeights(new Random(seed));
        const layer = layerOf(weightBits, 16);
        const layout = kernelLayout(layer, learned.kernel.length, CHANNELS);
        const { weights, bias } = foldBatchNorm(layer, learned, layout, inputScale, outputScale).parameters;
        for (let o = 0; o < CHANNELS; o++) {
          const own = weights.subarray(o * INPUTS, (o + 1) * INPUTS);
          const side = (sign: number) => 255 * own.reduce((sum, weight) => sum + Math.max(0, sign * weight), 0);
          expect(bias[o] + side(1)).toBeLessThan(2 ** 15);
          expect(bias[o] - side(-1)).toBeGreaterThanOrEqual(-(2 ** 15));
        }
      }),
      { numRuns: 500 },
    );
  });

  test('integers stay within the layer’s bits, and 0 where the mask is', () => {
    fc.assert(
      fc.property(cases, ({ seed, weightBits, inputScale, outputScale }) => {
        const learned = randomWeights(new Random(seed));
        const layer = layerOf(weightBits);
        const layout = kernelLayout(layer, learned.kernel.length, CHANNELS);
        const { weights } = foldBatchNorm(layer, learned, layout, inputScale, outputScale).parameters;
        expect(Math.max(...weights.map(Math.abs))).toBeLessThanOrEqual(LARGEST_WEIGHT[weightBits]);
        expect(weights.every((weight, i) => weight === 0 || learned.mask[i] === 1)).toBe(true);
      }),
    );
  });
});

describe('roundedKernel', () => {
  test('is within half a step of every int8 weight', () => {
    const learned = randomWeights(new Random(7));
    const rounded = roundedKernel(layerOf(8), learned.kernel, learned.mask, CHANNELS);
    for (let o = 0; o < CHANNELS; o++) {
      const channel = learned.kernel.subarray(o * INPUTS, (o + 1) * INPUTS);
      const step = Math.max(...channel.map(Math.abs)) / 127;
      channel.forEach((weight, i) =>
        expect(Math.abs(weight - rounded[o * INPUTS + i])).toBeLessThanOrEqual(step * 0.501),
      );
    }
  });

  test('ternary weights are −s, 0 and s', () => {
    const learned = randomWeights(new Random(8));
    const rounded = roundedKernel(layerOf(2), learned.kernel, learned.mask, CHANNELS);
    for (let o = 0; o < CHANNELS; o++) {
      const magnitudes = new Set(
        rounded
          .subarray(o * INPUTS, (o + 1) * INPUTS)
          .map(Math.abs)
          .filter((w) => w > 0),
      );
      expect(magnitudes.size).toBeLessThanOrEqual(1);
    }
  });
});
