import {
  type Architecture,
  biasStepExponent,
  type Conv2d,
  conv2d,
  inferShapes,
  logits,
  type Requantization,
  residual,
  sequential,
  validateModel,
  type WeightBits,
} from '@sparrow/model';
import fc from 'fast-check';
import type { LayerWeights, Weights } from '../engine.ts';
import { initialWeights } from '../initialization.ts';
import { Random } from '../random.ts';
import { SMALLEST_TIED_GAIN, Ties } from '../ties.ts';
import { BATCH_NORM_EPSILON } from './batchNorm.ts';
import { LARGEST_BIAS } from './accumulators.ts';
import { fittingScales, foldBatchNorm } from './batch-norm-folding.ts';
import { foldNetwork } from './folding.ts';
import { kernelLayout, LARGEST_WEIGHT, roundedKernel, weightScales } from './kernel.ts';

const CHANNELS = 4;
const INPUTS = 9;

type Promises = Pick<Conv2d, 'accumulatorBits' | 'biasBits' | 'multiplierBits'>;

const layerOf = (weightBits: WeightBits, promises: Promises = {}): Conv2d => ({
  kind: 'conv2d',
  name: 'conv',
  inputs: [0],
  filters: CHANNELS,
  kernel: { height: 3, width: 3 },
  stride: 1,
  padding: 'valid',
  weightBits,
  ...promises,
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
    steps: new Float32Array(CHANNELS),
    runningMean: many(CHANNELS, () => random.normal()),
    runningVariance: many(CHANNELS, () => 0.01 + random.next()),
  };
}

/** What other layers may need: larger scales. The gains become what those of tied layers are. */
function scalesOfTied(layer: Conv2d, { kernel, mask, gamma, steps }: LayerWeights, random: Random): Float32Array {
  gamma.forEach((gain, o) => (gamma[o] = Math.max(gain, SMALLEST_TIED_GAIN)));
  const layout = kernelLayout(layer, kernel.length, CHANNELS);
  return weightScales({ kernel, mask, steps }, layout, layer).map((scale) => scale * (1 + random.next()));
}

const cases = fc.record({
  seed: fc.integer(),
  weightBits: fc.constantFrom<WeightBits>(8, 4, 2),
  inputScale: fc.double({ min: 1e-4, max: 0.1, noNaN: true }),
  outputScale: fc.double({ min: 5e-3, max: 1, noNaN: true }),
});

describe('foldBatchNorm', () => {
  /** `narrow`: multipliers are floats of a byte. */
  const KINDS = ['own', 'narrow', 'tied'] as const;

  test('its integers are batch norm over the weights they stand for, to within rounding', () => {
    fc.assert(
      fc.property(cases, fc.constantFrom(...KINDS), ({ seed, weightBits, inputScale, outputScale }, kind) => {
        const random = new Random(seed);
        const learned = randomWeights(random);
        const layer = layerOf(weightBits, kind === 'narrow' ? { multiplierBits: 8 } : {});
        const layout = kernelLayout(layer, learned.kernel.length, CHANNELS);
        const tied = kind === 'tied' ? scalesOfTied(layer, learned, random) : undefined;
        const grid = weightScales(learned, layout, layer);
        const { parameters, kernelScales } = foldBatchNorm(layer, learned, layout, inputScale, outputScale, tied);
        const { weights, bias, requantization } = parameters;
        if (!requantization) throw new Error('no requantisation');
        const x = Array.from({ length: INPUTS }, () => Math.floor(random.next() * 256));
        for (let o = 0; o < CHANNELS; o++) {
          const sum = x.reduce((total, pixel, i) => total + pixel * weights[o * INPUTS + i], 0);
          const multiplier = requantization.multipliers[o];
          const factor = multiplier / 2 ** requantization.shift;
          const integer = Math.min(255, Math.floor(Math.max(0, sum + bias[o]) * factor));
          const exactGain = learned.gamma[o] / Math.sqrt(learned.runningVariance[o] + BATCH_NORM_EPSILON);
          const isConstant = weights.subarray(o * INPUTS, (o + 1) * INPUTS).every((weight) => weight === 0);
          const isOff = kind === 'narrow' && !isConstant;
          const scale = kind === 'narrow' ? Math.sign(exactGain) * grid[o] : kernelScales[o];
          const gain = isOff ? (factor * outputScale) / (scale * inputScale) : exactGain;
          const real = gain * (sum * scale * inputScale - learned.runningMean[o]) + learned.beta[o];
          const wanted = Math.min(255, Math.max(0, real / outputScale));
          // Half a step of rounding, half a step of the bias, and the float32 rounding of the scales.
          expect(Math.abs(integer - wanted)).toBeLessThanOrEqual(0.5 + 0.5 * factor + 3e-2);
          // Small ones are denormals; one may be larger so that its bias fits.
          const offBy = Math.max(1 / 32, 0.5 / multiplier);
          const isFree = multiplier > 1 && Math.abs(bias[o]) < LARGEST_BIAS / 2;
          if (isOff && isFree) expect(Math.abs(gain / exactGain - 1)).toBeLessThan(offBy / (1 - offBy) + 1e-5);
        }
      }),
      { numRuns: 500 },
    );
  });

  const narrownesses = fc.constantFrom<Promises>(
    {},
    { biasBits: 8 },
    { multiplierBits: 8 },
    { biasBits: 8, multiplierBits: 8 },
  );

  test('accumulators that shall fit in 16 bits do, for every image', () => {
    fc.assert(
      fc.property(cases, narrownesses, ({ seed, weightBits, inputScale, outputScale }, narrow) => {
        const learned = randomWeights(new Random(seed));
        const layer = layerOf(weightBits, { accumulatorBits: 16, ...narrow });
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

  test('biases that shall be bytes are, within a step of what they were or would need to be, and nothing else changes', () => {
    const promises = fc.constantFrom<Promises>({}, { accumulatorBits: 16 }, { multiplierBits: 8 });
    fc.assert(
      fc.property(cases, promises, ({ seed, weightBits, inputScale, outputScale }, promised) => {
        const learned = randomWeights(new Random(seed));
        const layout = kernelLayout(layerOf(weightBits), learned.kernel.length, CHANNELS);
        const [narrowed, usual] = [{ biasBits: 8 } as const, {}].map((bytes) => {
          const layer = layerOf(weightBits, { ...promised, ...bytes });
          return foldBatchNorm(layer, learned, layout, inputScale, outputScale);
        });
        const { bias, ...rest } = narrowed.parameters;
        const { bias: wide, ...others } = usual.parameters;
        const scales = narrowed.kernelScales;
        const grid = fittingScales(layerOf(weightBits, promised), learned, layout, inputScale, outputScale);
        expect(rest).toEqual(others);
        const exponent = biasStepExponent(bias);
        if (exponent === undefined) throw new Error('the biases are not bytes');
        bias.forEach((value, channel) => {
          if (!promised.multiplierBits) {
            expect(Math.abs(value - wide[channel])).toBeLessThan(2 ** exponent);
            expect(Math.abs(value)).toBeLessThanOrEqual(Math.abs(wide[channel]));
          }
          if (Math.abs(value - wide[channel]) < 2 ** exponent) return;
          // Nearer to 0, but the channel stays at 0 for sums as they come.
          expect(wide[channel]).toBeLessThan(value);
          // What 1 in the sum is by the weights; `scales` has the error of the gain in it too.
          const unit = Math.sign(scales[channel]) * grid[channel] * inputScale;
          const deviation = Math.sqrt(learned.runningVariance[channel]) / Math.abs(unit);
          const highest = learned.runningMean[channel] / unit + 5 * deviation + value - 2 ** exponent;
          const { multipliers, shift } = rest.requantization as Requantization;
          expect((highest * multipliers[channel]) / 2 ** shift).toBeLessThan(1);
        });
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

describe('foldNetwork', () => {
  const promises = fc.constantFrom<Promises>(
    {},
    { accumulatorBits: 16 },
    { biasBits: 8 },
    { accumulatorBits: 16, biasBits: 8 },
    { biasBits: 8, multiplierBits: 8 },
    { accumulatorBits: 16, multiplierBits: 8 },
  );
  const networks = fc.record({
    seed: fc.integer(),
    weightBits: fc.constantFrom<WeightBits>(8, 4, 2),
    promised: fc.tuple(promises, promises, promises, promises),
  });

  test('tied layers have the same integers, whatever their gains and statistics, and keep what they promise', () => {
    fc.assert(
      fc.property(networks, ({ seed, weightBits, promised: [first, second, third, last] }) => {
        const architecture = sequential({ height: 4, width: 5, channels: CHANNELS }, [
          conv2d(CHANNELS, { name: 'owner', weightBits, ...first }),
          residual([conv2d(CHANNELS, { name: 'inner', tiedTo: 'owner', weightBits, ...second })]),
          conv2d(CHANNELS, { name: 'outer', tiedTo: 'owner', weightBits, stride: 2, ...third }),
          logits(3, last),
        ]);
        const random = new Random(seed);
        const weights = scatteredWeights(architecture, random);
        const scales = Float32Array.from({ length: 6 }, () => Math.exp(random.symmetric(2) - 3));
        const { parameters } = foldNetwork(architecture, inferShapes(architecture), weights, scales);
        const [owner, inner, , outer] = parameters.map((each) => (each.kind === 'weighted' ? each.weights : undefined));
        expect(inner).toEqual(owner);
        expect(outer).toEqual(owner);
        expect(() => validateModel({ name: 'tied', architecture, parameters, provenance: {} })).not.toThrow();
      }),
      { numRuns: 300 },
    );
  });

  /** All layers at odds with each other, but for what is tied. */
  function scatteredWeights(architecture: Architecture, random: Random): Weights {
    const weights = initialWeights(architecture, Math.floor(1e6 * random.next()));
    for (const layer of weights.values()) {
      layer.mask.forEach((_, i) => (layer.mask[i] = random.next() < 0.7 ? 1 : 0));
      layer.gamma.forEach((_, o) => (layer.gamma[o] = random.normal()));
      layer.beta.forEach((_, o) => (layer.beta[o] = random.normal()));
      layer.runningMean.forEach((_, o) => (layer.runningMean[o] = random.normal()));
      layer.runningVariance.forEach((_, o) => (layer.runningVariance[o] = Math.exp(random.symmetric(5))));
    }
    new Ties(architecture).shareWeights(weights);
    return weights;
  }
});

describe('roundedKernel', () => {
  test('is within half a step of every int8 weight', () => {
    const learned = randomWeights(new Random(7));
    const rounded = roundedKernel(layerOf(8), learned);
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
    const rounded = roundedKernel(layerOf(2), learned);
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
