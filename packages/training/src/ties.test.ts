import { isWeighted, type LayerSpec, NARROW_MULTIPLIER_BITS, tiedGroups, validateModel } from '@sparrow/model';
import fc from 'fast-check';
import { layerOf } from './engine.comparisons.ts';
import type { Engine, Weights } from './engine.ts';
import { ARITHMETICS, BATCH_SIZE, networksByLayer, spots, STEP, takeSteps } from './engine.fixtures.ts';
import { initialWeights } from './initialization.ts';
import { pruneByMagnitude, sparsityOf, VariationalDropout } from './pruning/index.ts';
import { tfjsEngine } from './tfjs/engine.ts';
import { SMALLEST_TIED_GAIN, Ties } from './ties.ts';
import type { Pruning } from './trainer/index.ts';
import { trainOnSpots } from './trainer/spots.fixture.ts';
import { drawArchitecture, drawBatch, drawImages, scatterWeights } from './wasm/testing.ts';
import { wasmEngine } from './wasm/engine.ts';

const architecture = networksByLayer['tied conv2d'];
const [[owner, ...followers]] = tiedGroups(architecture.layers);

/** Kernels and masks to the bit; gains that keep the weights' signs. */
function expectTied(weights: Weights, groups = tiedGroups(architecture.layers)): void {
  for (const [first, ...others] of groups) {
    for (const name of others) {
      expect(layerOf(weights, name).kernel).toEqual(layerOf(weights, first).kernel);
      expect(layerOf(weights, name).mask).toEqual(layerOf(weights, first).mask);
    }
    for (const name of [first, ...others]) expect(Math.min(...layerOf(weights, name).gamma)).toBeGreaterThan(0);
  }
}

describe('Ties', () => {
  const random = fc.record({ seed: fc.nat(1000), index: fc.nat(), value: fc.float({ min: -2, max: 2, noNaN: true }) });

  test('every kernel gets the sum of the gradients, and the rest is left alone', () => {
    fc.assert(
      fc.property(fc.nat(1000), (seed) => {
        const gradients = initialWeights(architecture, seed);
        new Ties(architecture).shareGradients(gradients);
        const before = initialWeights(architecture, seed);
        const own = [owner, ...followers].map((name) => layerOf(before, name).kernel);
        const sums = own[0].map((_, i) => own.reduce((sum, kernel) => Math.fround(sum + kernel[i]), 0));
        for (const [name, { kernel, gamma, beta }] of gradients) {
          const isTied = [owner, ...followers].includes(name);
          expect(kernel).toEqual(isTied ? sums : layerOf(before, name).kernel);
          expect([gamma, beta]).toEqual([layerOf(before, name).gamma, layerOf(before, name).beta]);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('where multipliers are bytes, gains are no less than an eighth of their offsets', () => {
    const layers = architecture.layers.map((layer): LayerSpec =>
      layer.name === owner && layer.kind === 'conv2d'
        ? { ...layer, weightBits: 4 as const, multiplierBits: NARROW_MULTIPLIER_BITS }
        : layer,
    );
    fc.assert(
      fc.property(random, ({ seed, index, value }) => {
        const weights = initialWeights(architecture, seed);
        for (const { beta } of weights.values()) beta[index % beta.length] = 16 * value;
        new Ties({ ...architecture, layers }).boundGains(weights);
        const gainOf = (name: string): number =>
          layerOf(weights, name).gamma[index % layerOf(weights, name).gamma.length];
        expect(gainOf(owner)).toBe(Math.max(1, Math.fround(Math.abs(2 * value))));
        for (const name of followers) expect(gainOf(name)).toBe(1);
      }),
    );
  });

  test('weights are those of the first of a group, and gains are at least the smallest', () => {
    fc.assert(
      fc.property(random, ({ seed, index, value }) => {
        const weights = initialWeights(architecture, seed);
        const { kernel, mask, gamma } = layerOf(weights, owner);
        mask[index % mask.length] = 0;
        gamma[index % gamma.length] = value;
        const before = kernel.slice();
        new Ties(architecture).shareWeights(weights);
        expectTied(weights);
        expect(kernel).toEqual(before);
        expect(gamma[index % gamma.length]).toBe(Math.fround(Math.max(value, SMALLEST_TIED_GAIN)));
      }),
      { numRuns: 20 },
    );
  });
});

const optimizers = [
  { optimizer: 'adam', learningRate: 0.02, momentum: 0.9, weightDecay: 0.01 },
  // So large that gains would change their signs.
  { optimizer: 'adam', learningRate: 0.3, momentum: 0.9, weightDecay: 0 },
  { optimizer: 'sgd', learningRate: 0.05, momentum: 0.9, weightDecay: 0.01 },
] as const;

describe.each<Engine>([wasmEngine, tfjsEngine])('engine $name', (engine) => {
  const createNetwork = () => engine.createNetwork(architecture, { batchSize: BATCH_SIZE, seed: 4 });

  test.each(optimizers)('kernels stay equal to the bit: $optimizer, $learningRate', async (options) => {
    const network = await createNetwork();
    expectTied(network.readWeights());
    const before = layerOf(network.readWeights(), owner).kernel;
    network.calibrate(spots(64, 2).images);
    for (const arithmetic of ARITHMETICS) takeSteps(network, 4, { ...STEP, ...options, arithmetic });
    expectTied(network.readWeights());
    expect(layerOf(network.readWeights(), owner).kernel).not.toEqual(before);
    expect(() => validateModel(network.exportModel('tied', {}))).not.toThrow();
  });

  test('kernels stay equal under noise, and when single weights are pruned', async () => {
    const network = await createNetwork();
    for (const target of ['weights', 'channels'] as const) {
      const perturbation = new VariationalDropout(target, 640, 1);
      takeSteps(network, 3, { ...STEP, learningRate: 0.05, perturbation });
      expectTied(network.readWeights());
    }
    network.writeWeights(pruneByMagnitude(network.readWeights(), 0.5));
    takeSteps(network, 3, STEP);
    expectTied(network.readWeights());
    expect(sparsityOf(network.readWeights())).toBeCloseTo(0.5, 2);
    network.calibrate(spots(64, 2).images);
    expect(() => validateModel(network.exportModel('tied', {}))).not.toThrow();
  });

  test('what is written to the first of a group is written to all, what is written to another is not', async () => {
    const network = await createNetwork();
    const other = initialWeights(architecture, 99);
    network.writeWeights(new Map([[owner, layerOf(other, owner)]]));
    expectTied(network.readWeights());
    expect(layerOf(network.readWeights(), owner).kernel).toEqual(layerOf(other, owner).kernel);
    const [follower] = followers;
    network.writeWeights(new Map([[follower, { ...layerOf(other, follower), beta: Float32Array.of(1, 2, 3, 4) }]]));
    expectTied(network.readWeights());
    expect(layerOf(network.readWeights(), owner).kernel).toEqual(layerOf(other, owner).kernel);
    expect(layerOf(network.readWeights(), follower).beta).toEqual(Float32Array.of(1, 2, 3, 4));
  });
});

test('random networks with tied layers and byte biases are valid once they are exported, after training too', async () => {
  const options = { sharing: true, maxMacs: 5_000 };
  const drawn = Array.from({ length: 40 }, (_, seed) => ({ seed, architecture: drawArchitecture(seed, options) }));
  const narrow = drawn.filter(({ architecture: { layers } }) =>
    layers.some((layer) => isWeighted(layer) && layer.biasBits),
  );
  const tied = drawn.filter(({ architecture: { layers } }) => tiedGroups(layers).length > 0);
  expect(Math.min(narrow.length, tied.length)).toBeGreaterThan(5);
  for (const { seed, architecture } of drawn) {
    const network = await wasmEngine.createNetwork(architecture, { batchSize: BATCH_SIZE, seed });
    scatterWeights(network, seed, 0.3);
    network.calibrate(drawImages(architecture, 16, seed));
    for (const arithmetic of ARITHMETICS) {
      network.trainStep(drawBatch(architecture, BATCH_SIZE, seed), { ...STEP, arithmetic });
      expectTied(network.readWeights(), tiedGroups(architecture.layers));
      expect(() => validateModel(network.exportModel('drawn', {}))).not.toThrow();
    }
  }
});

describe('trainModel', () => {
  test.each<Pruning>([{ kind: 'none' }, { kind: 'magnitude', ratio: 0.5 }, { kind: 'variational', ratio: 0.3 }])(
    'learns with tied layers, pruning $kind',
    async (pruning) => {
      const { model, weights, validationAccuracy } = await trainOnSpots(architecture, pruning);
      expectTied(weights);
      expect(() => validateModel(model)).not.toThrow();
      expect(validationAccuracy).toBeGreaterThan(0.9);
    },
  );

  test.each(['structured', 'groupVariational'] as const)('refuses to take channels of them (%s)', async (kind) => {
    const message = `layer conv3 is tied to ${owner}: channels of tied layers cannot be pruned; prune single weights`;
    await expect(trainOnSpots(architecture, { kind, ratio: 0.25 })).rejects.toThrow(new Error(message));
  });
});
