import { inferShapes, orbitSize, SYMMETRIES, symmetryOf, validateModel, weightOrbits } from '@sparrow/model';
import { layerOf } from './engine.comparisons.ts';
import type { Engine, Weights } from './engine.ts';
import { ARITHMETICS, BATCH_SIZE, networksByLayer, spots, STEP, takeSteps } from './engine.fixtures.ts';
import { initialWeights } from './initialization.ts';
import { Orbits } from './orbits.ts';
import { pruneByMagnitude, VariationalDropout } from './pruning/index.ts';
import { tfjsEngine } from './tfjs/engine.ts';
import type { Pruning } from './trainer/index.ts';
import { trainOnSpots } from './trainer/spots.fixture.ts';
import { drawArchitecture, drawBatch, drawImages, scatterWeights } from './wasm/testing.ts';
import { wasmEngine } from './wasm/engine.ts';

const architecture = networksByLayer['rotated conv2d, tied'];

/** To the bit, but for running statistics, which follow sums that are scaled by channel. */
function expectOrbits(weights: Weights, { input, layers } = architecture): void {
  const shapes = inferShapes({ input, layers });
  for (const layer of layers) {
    if (layer.kind !== 'conv2d' || !layer.symmetry) continue;
    const own = layerOf(weights, layer.name);
    const sources = weightOrbits(layer, shapes[layer.inputs[0]].channels);
    expect(own.kernel).toEqual(own.kernel.map((_, index) => own.kernel[sources[index]]));
    expect(own.mask).toEqual(own.mask.map((_, index) => own.mask[sources[index]]));
    const first = (channel: number): number => channel - (channel % orbitSize(layer));
    for (const parameter of ['gamma', 'beta', 'steps'] as const) {
      expect(own[parameter]).toEqual(own[parameter].map((_, channel) => own[parameter][first(channel)]));
    }
    for (const parameter of ['runningMean', 'runningVariance'] as const) {
      own[parameter].forEach((value, channel) => expect(value).toBeCloseTo(own[parameter][first(channel)], 4));
    }
  }
}

test.each(SYMMETRIES)('gradients of an orbit add up, %s', (symmetry) => {
  const { layers, ...rest } = networksByLayer[symmetry === 'mirror' ? 'mirrored conv2d' : 'rotated conv2d, tied'];
  const orbits = new Orbits({ layers, ...rest });
  const gradients = initialWeights({ layers, ...rest }, 7);
  const before = initialWeights({ layers, ...rest }, 7);
  orbits.shareGradients(gradients);
  const [first] = layers;
  if (first.kind !== 'conv2d') throw new Error('the first layer is a convolution');
  const sources = weightOrbits(first, rest.input.channels);
  const own = layerOf(before, first.name).kernel;
  const sums = own.map((_, index) =>
    own.reduce((sum, value, other) => (sources[other] === sources[index] ? Math.fround(sum + value) : sum), 0),
  );
  layerOf(gradients, first.name).kernel.forEach((value, index) => expect(value).toBeCloseTo(sums[index], 5));
  expect(layerOf(gradients, first.name).gamma[0]).toBe(orbitSize(first));
});

const optimizers = [
  { optimizer: 'adam', learningRate: 0.02, momentum: 0.9, weightDecay: 0.01 },
  { optimizer: 'sgd', learningRate: 0.05, momentum: 0.9, weightDecay: 0.01 },
] as const;

describe.each<Engine>([wasmEngine, tfjsEngine])('engine $name', (engine) => {
  const createNetwork = () => engine.createNetwork(architecture, { batchSize: BATCH_SIZE, seed: 4 });

  test.each(optimizers)('filters stay transforms of each other to the bit: $optimizer', async (options) => {
    const network = await createNetwork();
    expectOrbits(network.readWeights());
    network.calibrate(spots(64, 2).images);
    for (const arithmetic of ARITHMETICS) takeSteps(network, 4, { ...STEP, ...options, arithmetic, learnsSteps: true });
    expectOrbits(network.readWeights());
    expect(() => validateModel(network.exportModel('rotated', {}))).not.toThrow();
  });

  test('under noise, and when single weights are pruned', async () => {
    const network = await createNetwork();
    takeSteps(network, 3, { ...STEP, perturbation: new VariationalDropout('weights', 640, 1) });
    expectOrbits(network.readWeights());
    network.writeWeights(pruneByMagnitude(network.readWeights(), 0.5));
    takeSteps(network, 3, STEP);
    expectOrbits(network.readWeights());
    network.calibrate(spots(64, 2).images);
    expect(() => validateModel(network.exportModel('rotated', {}))).not.toThrow();
  });
});

test('random networks with symmetric filters are valid once they are exported, after training too', async () => {
  const drawn = Array.from({ length: 60 }, (_, seed) => ({
    seed,
    architecture: drawArchitecture(seed, { symmetric: true, sharing: seed % 2 === 1, maxMacs: 5_000 }),
  })).filter(({ architecture: { layers } }) => layers.some((layer) => symmetryOf(layer)));
  expect(drawn.length).toBeGreaterThan(10);
  for (const { seed, architecture } of drawn) {
    const network = await wasmEngine.createNetwork(architecture, { batchSize: BATCH_SIZE, seed });
    scatterWeights(network, seed, 0.3);
    network.calibrate(drawImages(architecture, 16, seed));
    for (const arithmetic of ARITHMETICS) {
      network.trainStep(drawBatch(architecture, BATCH_SIZE, seed), { ...STEP, arithmetic });
      expectOrbits(network.readWeights(), architecture);
      expect(() => validateModel(network.exportModel('drawn', {}))).not.toThrow();
    }
  }
});

describe('trainModel', () => {
  test.each<Pruning>([{ kind: 'none' }, { kind: 'magnitude', ratio: 0.3 }])(
    'learns with symmetric filters, pruning $kind',
    async (pruning) => {
      const { model, weights, validationAccuracy } = await trainOnSpots(architecture, pruning);
      expectOrbits(weights);
      expect(() => validateModel(model)).not.toThrow();
      expect(validationAccuracy).toBeGreaterThan(0.8);
    },
  );

  test('refuses to take channels of them', async () => {
    const message = "layer conv1 has symmetry 'rotation': channels of orbits cannot be pruned; prune single weights";
    await expect(trainOnSpots(architecture, { kind: 'structured', ratio: 0.25 })).rejects.toThrow(new Error(message));
  });
});
