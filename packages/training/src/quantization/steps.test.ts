import type { Architecture, Conv2d, WeightBits } from '@sparrow/model';
import fc from 'fast-check';
import type { LayerWeights, Weights } from '../engine.ts';
import { Random } from '../random.ts';
import { kernelLayout, LARGEST_WEIGHT, weightScales } from './kernel.ts';
import { addStepGradients, beginSteps } from './steps.ts';

const CHANNELS = 3;
const WEIGHTS = 18;

function networkOf(weightBits: WeightBits): { layer: Conv2d; architecture: Architecture } {
  const layer: Conv2d = {
    kind: 'conv2d',
    name: 'conv',
    inputs: [0],
    filters: CHANNELS,
    kernel: { height: 3, width: 3 },
    stride: 1,
    padding: 'valid',
    weightBits,
  };
  return { layer, architecture: { input: { height: 3, width: 3, channels: 2 }, layers: [layer] } };
}

/** Some weights are pruned, sometimes all of a channel. */
function randomWeights(seed: number): LayerWeights {
  const random = new Random(seed);
  const mask = Uint8Array.from({ length: CHANNELS * WEIGHTS }, () => Number(random.next() < 0.8));
  if (seed % 4 === 0) mask.fill(0, 0, WEIGHTS);
  return {
    kernel: Float32Array.from(mask, (kept) => kept * random.normal()),
    mask,
    gamma: new Float32Array(CHANNELS).fill(1),
    beta: new Float32Array(CHANNELS),
    steps: new Float32Array(CHANNELS),
    runningMean: new Float32Array(CHANNELS),
    runningVariance: new Float32Array(CHANNELS).fill(1),
  };
}

function scalesOf(layer: Conv2d, learned: LayerWeights): Float32Array {
  return weightScales(learned, kernelLayout(layer, learned.kernel.length, CHANNELS), layer);
}

function begin(weightBits: WeightBits, seed: number) {
  const { layer, architecture } = networkOf(weightBits);
  const learned = randomWeights(seed);
  const weights: Weights = new Map([['conv', learned]]);
  beginSteps(architecture, weights);
  return { layer, architecture, learned, weights };
}

const seeds = fc.nat(10_000);
const coarse = fc.constantFrom<WeightBits>(4, 2);

/** Gradients of half the squared rounding error. */
function gradientsOfRounding(stepFactor: number, weightBits: WeightBits, seed: number) {
  const { layer, architecture, learned, weights } = begin(weightBits, seed);
  learned.steps.forEach((step, channel) => (learned.steps[channel] = step * stepFactor));
  const scales = scalesOf(layer, learned);
  const largest = LARGEST_WEIGHT[weightBits];
  const errors = learned.kernel.map((weight, i) => {
    const scale = scales[Math.floor(i / WEIGHTS)];
    return Math.max(-largest, Math.min(largest, Math.floor(weight / scale + 0.5))) * scale - weight;
  });
  const gradient = { ...randomWeights(seed), kernel: errors };
  addStepGradients(architecture, weights, new Map([['conv', gradient]]));
  return { learned, gradient, scales, largest };
}

test('steps begin where weights alone put them', () => {
  fc.assert(
    fc.property(coarse, seeds, (weightBits, seed) => {
      const { layer, learned } = begin(weightBits, seed);
      const before = scalesOf(layer, { ...learned, steps: new Float32Array(CHANNELS) });
      scalesOf(layer, learned).forEach((scale, channel) => expect(scale / before[channel]).toBeCloseTo(1, 6));
    }),
  );
});

test('a learned step grows with its weights', () => {
  fc.assert(
    fc.property(coarse, seeds, fc.constantFrom(0.25, 2, 8), (weightBits, seed, factor) => {
      const { layer, learned } = begin(weightBits, seed);
      const kernel = learned.kernel.map((weight) => weight * factor);
      const isPruned = (channel: number) =>
        kernel.subarray(channel * WEIGHTS, (channel + 1) * WEIGHTS).every((w) => !w);
      const before = scalesOf(layer, learned);
      scalesOf(layer, { ...learned, kernel }).forEach((scale, channel) => {
        if (!isPruned(channel)) expect(scale / before[channel]).toBeCloseTo(factor, 5);
      });
    }),
  );
});

test('weights of 8 bits have no steps to learn', () => {
  expect(begin(8, 1).learned.steps).toEqual(new Float32Array(CHANNELS));
});

test('steps that are not learned have no gradient', () => {
  const { architecture } = networkOf(4);
  const gradient = randomWeights(2);
  addStepGradients(architecture, new Map([['conv', randomWeights(1)]]), new Map([['conv', gradient]]));
  expect(gradient).toEqual(randomWeights(2));
});

test('what is clipped learns nothing, and asks for larger steps; what is rounded to 0 asks for smaller ones', () => {
  fc.assert(
    fc.property(coarse, seeds, (weightBits, seed) => {
      const small = gradientsOfRounding(0.05, weightBits, seed);
      small.learned.kernel.forEach((weight, i) => {
        const isClipped = Math.abs(weight / small.scales[Math.floor(i / WEIGHTS)]) > small.largest;
        if (isClipped) expect(small.gradient.kernel[i]).toBe(0);
      });
      const large = gradientsOfRounding(40, weightBits, seed);
      for (let channel = 0; channel < CHANNELS; channel++) {
        if (small.learned.mask.subarray(channel * WEIGHTS, (channel + 1) * WEIGHTS).every((kept) => !kept)) continue;
        expect(small.gradient.steps[channel]).toBeLessThan(0);
        expect(large.gradient.steps[channel]).toBeGreaterThan(0);
      }
    }),
  );
});
