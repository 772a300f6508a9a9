import { hasNarrowMultipliers, inferShapes, isWeighted, type Shape, symmetryOf, tieOf } from '@sparrow/model';
import { prunesChannels } from '@sparrow/training';
import fc from 'fast-check';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { architectureOf } from './architecture.ts';
import { configurationSchema, type Configuration } from './configuration.ts';
import { estimateCost } from './estimate.ts';
import { unoLimits } from './limits.ts';
import { mutateConfiguration } from './mutate.ts';
import { networkProblem } from './problem.ts';
import type { Random } from './random-choice.ts';
import { sampleConfiguration, sampleFrugal } from './sample.ts';
import { widestThatFits } from './width.ts';

const mnist = { height: 28, width: 28, channels: 1 };

function randomFrom(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  return () => uniformFloat64(generator);
}

const configurations: fc.Arbitrary<Configuration> = fc.integer().map((seed) => {
  const random = randomFrom(seed);
  let configuration = random() < 0.3 ? sampleFrugal(random) : sampleConfiguration(random);
  for (let i = Math.floor(random() * 8); i > 0; i--) configuration = mutateConfiguration(configuration, random);
  return configuration;
});

test('samples and their mutations are within the space', () => {
  fc.assert(fc.property(configurations, (configuration) => configurationSchema.safeParse(configuration).success));
});

test('a mutation leaves the parent as it was', () => {
  fc.assert(
    fc.property(configurations, fc.integer(), (configuration, seed) => {
      const before = structuredClone(configuration);
      mutateConfiguration(configuration, randomFrom(seed));
      expect(configuration).toEqual(before);
    }),
  );
});

test('the encoding has one length, is within [0, 1] or absent, and tells configurations apart', () => {
  const encode = (configuration: Configuration) => networkProblem(mnist, 10, unoLimits).space.encode(configuration);
  const candidates = fc.integer().map((seed) => networkProblem(mnist, 10, unoLimits).space.sample(randomFrom(seed)));
  const { length } = encode(networkProblem(mnist, 10, unoLimits).space.sample(randomFrom(1)));
  fc.assert(
    fc.property(candidates, candidates, (a, b) => {
      const encoded = encode(a);
      expect(encoded).toHaveLength(length);
      expect(encoded.every((value) => Number.isNaN(value) || (value >= 0 && value <= 1))).toBe(true);
      const same = JSON.stringify(encoded) === JSON.stringify(encode(b));
      if (same) expect(architectureOf(b, mnist, 10)).toEqual(architectureOf(a, mnist, 10));
    }),
  );
});

test('layers have unique names, read earlier tensors only, and end in logits', () => {
  fc.assert(
    fc.property(configurations, (configuration) => {
      const { layers } = architectureOf(configuration, mnist, 10);
      expect(new Set(layers.map((layer) => layer.name)).size).toBe(layers.length);
      layers.forEach((layer, index) => expect(layer.inputs.every((tensor) => tensor <= index)).toBe(true));
      expect(layers.at(-1)).toMatchObject({ kind: 'dense', units: 10, activation: 'none' });
    }),
  );
});

test('frugal networks have valid ties, biases of a byte, and no channel pruning, whatever mutations do', () => {
  let [tied, symmetric, normalised] = [0, 0, 0];
  fc.assert(
    fc.property(configurations.filter(({ frugal }) => frugal).filter(isValid), (configuration) => {
      const { layers, preprocessing } = architectureOf(configuration, mnist, 10);
      normalised += preprocessing === undefined ? 0 : 1;
      symmetric += layers.filter((layer) => symmetryOf(layer) !== undefined).length;
      tied += layers.filter((layer) => tieOf(layer) !== undefined).length;
      expect(layers.filter(isWeighted).every(({ biasBits }) => biasBits === 8)).toBe(true);
      expect(prunesChannels(configuration.pruning)).toBe(false);
      const own = architectureOf({ ...configuration, frugal: false }, mnist, 10);
      expect(estimateCost({ input: mnist, layers }).modelBytes).toBeLessThan(estimateCost(own).modelBytes);
    }),
  );
  expect(Math.min(tied, symmetric)).toBeGreaterThan(50);
  expect(normalised).toBeGreaterThan(20);
});

test('photographs and large images are not normalised', () => {
  const configuration = { ...sampleFrugal(randomFrom(1)), normalised: true };
  const preprocessingOf = (input: Shape) => architectureOf(configuration, input, 10).preprocessing;
  expect(preprocessingOf(mnist)).toBe('momentNormalization');
  expect(preprocessingOf({ height: 32, width: 32, channels: 3 })).toBeUndefined();
  expect(preprocessingOf({ height: 33, width: 20, channels: 1 })).toBeUndefined();
});

test('frugal samples end at four pixels or less', () => {
  fc.assert(
    fc.property(fc.integer(), fc.constantFrom(28, 32), (seed, side) => {
      const { input, layers } = architectureOf(
        sampleFrugal(randomFrom(seed)),
        { height: side, width: side, channels: 1 },
        10,
      );
      const { height, width } = inferShapes({ input, layers })[layers.length - 2];
      expect(height * width).toBeLessThanOrEqual(4);
    }),
  );
});

test('a goal of few bytes of parameters is offered networks that share kernels, the usual goals are not', () => {
  const frugalOf = (modelBytes: number): number => {
    const goal = { name: 'few', modelBytes, objective: 'error' } as const;
    const { preferences = [] } = networkProblem(mnist, 10, unoLimits, [goal]);
    const samples = Array.from({ length: 20 }, (_, seed) =>
      preferences[0].sample?.(randomFrom((seed + 1) * 0x9e37_79b9)),
    );
    return samples.filter((configuration) => configuration?.frugal).length;
  };
  expect(frugalOf(480)).toBeGreaterThan(8);
  expect(frugalOf(1536)).toBe(0);
});

test('a goal of few bytes is offered networks with coarse weights, and those have fine multipliers', () => {
  const goal = { name: 'few', modelBytes: 1536, objective: 'error' } as const;
  const { preferences = [] } = networkProblem(mnist, 10, unoLimits, [goal]);
  const samples = Array.from({ length: 20 }, (_, seed) =>
    preferences[0].sample?.(randomFrom((seed + 1) * 0x9e37_79b9)),
  );
  const isCoarse = ({ blocks }: Configuration) => blocks.every(({ weightBits }) => weightBits === 4);
  const coarse = samples.filter((configuration) => configuration !== undefined).filter(isCoarse);
  expect(coarse.length).toBeGreaterThan(4);
  for (const configuration of coarse) {
    for (const frugal of [false, true]) {
      const convolutions = architectureOf({ ...configuration, frugal }, mnist, 10).layers.filter(
        ({ kind }) => kind === 'conv2d' || kind === 'depthwiseConv2d',
      );
      expect(convolutions.map(hasNarrowMultipliers)).toEqual(convolutions.map(() => true));
    }
  }
});

test('the same seed gives the same samples', () => {
  expect(sampleConfiguration(randomFrom(7))).toEqual(sampleConfiguration(randomFrom(7)));
});

test('the widest network that fits is as wide as may be', () => {
  const macsOf = (configuration: Configuration) => estimateCost(architectureOf(configuration, mnist, 10)).macs;
  fc.assert(
    fc.property(configurations.filter(isValid), fc.integer({ min: 10_000, max: 500_000 }), (configuration, limit) => {
      const widest = widestThatFits(configuration, (candidate) => macsOf(candidate) <= limit);
      if (widest === undefined) return;
      expect(macsOf(widest)).toBeLessThanOrEqual(limit);
      const wider = widestThatFits(widest, (candidate) => macsOf(candidate) <= 1.2 * limit);
      expect(macsOf(wider!)).toBeGreaterThanOrEqual(macsOf(widest));
      if (macsOf(configuration) <= limit) expect(macsOf(widest)).toBeGreaterThanOrEqual(macsOf(configuration));
    }),
  );
});

function isValid(configuration: Configuration): boolean {
  try {
    estimateCost(architectureOf(configuration, mnist, 10));
    return true;
  } catch {
    return false;
  }
}
