import { createInterpreter, referenceArchitecture, sequential, shapeSize } from '@sparrow/model';
import { conv2d, dense, logits, maxPool } from '@sparrow/model';
import type { Architecture, Model } from '@sparrow/model';
import fc from 'fast-check';
import type { Arithmetic, Network, StepOptions } from '../engine.ts';
import { BATCH_NORM_EPSILON, BATCH_NORM_MOMENTUM } from '../quantization/index.ts';
import { wasmEngine } from './engine.ts';
import { drawArchitecture, drawBatch, drawImages, scatterWeights } from './testing.ts';

const STEP: Omit<StepOptions, 'arithmetic'> = {
  optimizer: 'sgd',
  learningRate: 0.02,
  momentum: 0.9,
  weightDecay: 1e-4,
  labelSmoothing: 0.1,
};

function interpret(model: Model, images: Uint8Array): Float32Array {
  const { infer } = createInterpreter(model);
  const length = shapeSize(model.architecture.input);
  const all: number[] = [];
  for (let i = 0; i < images.length; i += length) all.push(...infer(images.subarray(i, i + length)));
  return Float32Array.from(all);
}

async function calibrated(architecture: Architecture, seed: number, pruned: number): Promise<Network> {
  const network = await wasmEngine.createNetwork(architecture, { batchSize: 16, seed });
  scatterWeights(network, seed, pruned);
  network.calibrate(drawImages(architecture, 24, seed));
  return network;
}

describe('integer arithmetic', () => {
  test('gives the logits of the exported model, before and after training in it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.constantFrom(0, 0.5, 0.9), fc.boolean(), async (seed, pruned, sharing) => {
        const architecture = drawArchitecture(seed, { sharing });
        const network = await calibrated(architecture, seed, pruned);
        const images = drawImages(architecture, 19, seed + 1);
        const expectExact = () =>
          expect(network.logits(images, 'integer')).toEqual(interpret(network.exportModel('drawn', {}), images));
        expectExact();
        const batch = drawBatch(architecture, 16, seed);
        for (let i = 0; i < 3; i++) network.trainStep(batch, { ...STEP, arithmetic: 'integer' });
        expectExact();
      }),
      { numRuns: 60 },
    );
  });

  test('is exact where sums pass 2^24', async () => {
    const architecture = sequential({ height: 40, width: 40, channels: 1 }, [dense(5), logits(3)]);
    const network = await wasmEngine.createNetwork(architecture, { batchSize: 8, seed: 1 });
    const weights = network.readWeights();
    const layer = weights.get('dense1')!;
    layer.kernel.forEach((_, i) => (layer.kernel[i] = 0.9 + 0.1 * Math.sin(i)));
    layer.runningMean.fill(600);
    layer.runningVariance.fill(250 ** 2);
    network.writeWeights(weights);
    const images = drawImages(architecture, 40, 3);
    network.calibrate(images);
    const expected = interpret(network.exportModel('wide', {}), images);
    expect(new Set(expected).size).toBeGreaterThan(10);
    expect(network.logits(images, 'integer')).toEqual(expected);
  });
});

describe('training', () => {
  const architecture = referenceArchitecture();

  async function train(arithmetics: readonly Arithmetic[], seed: number, optimizer: 'sgd' | 'adam' = 'sgd') {
    const network = await wasmEngine.createNetwork(architecture, { batchSize: 16, seed });
    const batch = drawBatch(architecture, 16, 5);
    network.calibrate(batch.images);
    const learningRate = optimizer === 'adam' ? 0.003 : 0.02;
    const losses = arithmetics.map((arithmetic) => {
      let loss = 0;
      for (let i = 0; i < 12; i++)
        ({ loss } = network.trainStep(batch, { ...STEP, optimizer, learningRate, arithmetic }));
      return loss;
    });
    return { network, losses };
  }

  test.each(['sgd', 'adam'] as const)('%s lowers the loss in every arithmetic', async (optimizer) => {
    const { losses } = await train(['float', 'quantized', 'integer'], 1, optimizer);
    expect(losses[0]).toBeLessThan(2.3);
    expect(losses[1]).toBeLessThan(losses[0]);
    expect(losses[2]).toBeLessThan(losses[1]);
  });

  test('the same seed gives the same bytes, another seed others', async () => {
    const [first, again, other] = await Promise.all(
      [1, 1, 2].map(async (seed) => (await train(['float', 'quantized', 'integer'], seed)).network.readWeights()),
    );
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  test.each(['sgd', 'adam'] as const)('%s leaves pruned weights at 0', async (optimizer) => {
    const network = await calibrated(architecture, 3, 0.5);
    const batch = drawBatch(architecture, 16, 6);
    for (const arithmetic of ['float', 'quantized', 'integer'] as const) {
      network.trainStep(batch, { ...STEP, optimizer, arithmetic });
    }
    for (const { kernel, mask } of network.readWeights().values()) {
      const kept = kernel.filter((_, i) => mask[i] === 1);
      expect(kernel.filter((_, i) => mask[i] === 0).every((weight) => weight === 0)).toBe(true);
      expect(kept.filter((weight) => weight !== 0).length).toBeGreaterThan(0.9 * kept.length);
    }
  });

  test('soft targets that are one-hot are labels', async () => {
    const batch = drawBatch(architecture, 16, 7);
    const softTargets = Float32Array.from({ length: 160 }, (_, i) =>
      Number(batch.labels[Math.floor(i / 10)] === i % 10),
    );
    const network = await wasmEngine.createNetwork(architecture, { batchSize: 16, seed: 1 });
    const options = { arithmetic: 'float', labelSmoothing: 0 } as const;
    expect(network.gradients({ ...batch, softTargets }, options)).toEqual(network.gradients(batch, options));
  });
});

describe('batch norm', () => {
  const architecture = sequential({ height: 5, width: 5, channels: 1 }, [
    conv2d(1, { kernel: 1 }),
    maxPool(5),
    logits(2),
  ]);

  test.each(['float', 'quantized'] as const)('running statistics follow those of the batch, %s', async (arithmetic) => {
    const network = await wasmEngine.createNetwork(architecture, { batchSize: 8, seed: 1 });
    const batch = drawBatch(architecture, 8, 1);
    network.calibrate(batch.images);
    const [weight] = network.readWeights().get('conv1')!.kernel;
    const values = Array.from(batch.images, (pixel) => (pixel / 255) * weight);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    network.trainStep(batch, { ...STEP, arithmetic });
    const { runningMean, runningVariance } = network.readWeights().get('conv1')!;
    expect(runningMean[0]).toBeCloseTo((1 - BATCH_NORM_MOMENTUM) * mean, 5);
    expect(runningVariance[0]).toBeCloseTo(BATCH_NORM_MOMENTUM + (1 - BATCH_NORM_MOMENTUM) * variance, 5);
  });

  test('evaluation uses the running statistics', async () => {
    const network = await wasmEngine.createNetwork(architecture, { batchSize: 8, seed: 1 });
    scatterWeights(network, 2);
    const { conv1, dense1 } = Object.fromEntries(network.readWeights());
    const images = drawImages(architecture, 3, 2);
    const found = network.logits(images, 'float');
    for (let image = 0; image < 3; image++) {
      const outputs = Array.from(images.subarray(25 * image, 25 * image + 25), (pixel) => {
        const z = (pixel / 255) * conv1.kernel[0];
        const deviation = Math.sqrt(conv1.runningVariance[0] + BATCH_NORM_EPSILON);
        return Math.max(0, (conv1.gamma[0] * (z - conv1.runningMean[0])) / deviation + conv1.beta[0]);
      });
      for (let k = 0; k < 2; k++) {
        expect(found[2 * image + k]).toBeCloseTo(dense1.kernel[k] * Math.max(...outputs) + dense1.beta[k], 4);
      }
    }
  });
});

describe('what is wrong is said', () => {
  const architecture = referenceArchitecture();

  test('in one line', async () => {
    await expect(wasmEngine.createNetwork(architecture, { batchSize: 12, seed: 1 })).rejects.toThrow('multiple of 8');
    const network = await wasmEngine.createNetwork(architecture, { batchSize: 8, seed: 1 });
    const batch = drawBatch(architecture, 8, 1);
    expect(() => network.trainStep(batch, { ...STEP, arithmetic: 'quantized' })).toThrow('call calibrate first');
    expect(() => network.logits(batch.images, 'integer')).toThrow('call calibrate first');
    const short = { images: batch.images.subarray(784), labels: batch.labels.subarray(1) };
    expect(() => network.trainStep(short, { ...STEP, arithmetic: 'float' })).toThrow('a batch has 8 images');
    expect(() => network.logits(batch.images.subarray(1), 'float')).toThrow('not a whole number of images');
  });
});
