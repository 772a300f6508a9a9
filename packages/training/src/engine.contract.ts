import { createInterpreter, isWeighted } from '@sparrow/model';
import type { Architecture } from '@sparrow/model';
import { correlation, expectArrayClose, expectClose, layerOf } from './engine.comparisons.ts';
import type { Batch, Engine, Network, Weights } from './engine.ts';
import { ARITHMETICS, BATCH_SIZE, CLASSES, everyLayer, networksByLayer, spots, STEP } from './engine.fixtures.ts';
import { initialWeights } from './initialization.ts';
import { BATCH_NORM_MOMENTUM } from './quantization/index.ts';
import { countCorrect } from './targets.ts';

/** What every engine promises. Call it inside a test file; it declares the tests. `networks` are those whose integers are checked. */
export function engineContract(
  engine: Engine,
  networks: Readonly<Record<string, Architecture>> = { everyLayer, ...networksByLayer },
): void {
  const batch = spots(BATCH_SIZE, 1);

  async function withNetwork(
    use: (network: Network) => void | Promise<void>,
    architecture = everyLayer,
  ): Promise<void> {
    const network = await engine.createNetwork(architecture, { batchSize: BATCH_SIZE, seed: 5 });
    try {
      await use(network);
    } finally {
      network.dispose();
    }
  }

  /** A network that has seen a few steps, so that running statistics mean something, and is calibrated. */
  function warmUp(network: Network, steps = 5): void {
    for (let step = 0; step < steps; step++) network.trainStep(spots(BATCH_SIZE, 100 + step), STEP);
    network.calibrate(spots(64, 2).images);
  }

  describe(`engine ${engine.name}`, () => {
    test('starts with the initial weights of its seed', () =>
      withNetwork((network) => {
        expect(network.architecture).toBe(everyLayer);
        expect(network.batchSize).toBe(BATCH_SIZE);
        expectClose(network.readWeights(), initialWeights(everyLayer, 5), 1e-6);
      }));

    test.each(ARITHMETICS)('gives one logit a class for any number of images (%s)', (arithmetic) =>
      withNetwork((network) => {
        warmUp(network);
        const { images } = spots(13, 3);
        const all = network.logits(images, arithmetic);
        expect(all).toHaveLength(13 * CLASSES);
        const imageSize = images.length / 13;
        const alone = network.logits(images.subarray(12 * imageSize), arithmetic);
        alone.forEach((logit, index) => expect(logit).toBeCloseTo(all[12 * CLASSES + index], 4));
        expect(network.logits(new Uint8Array(), arithmetic)).toHaveLength(0);
      }),
    );

    test('refuses a batch of another size', () =>
      withNetwork((network) => {
        expect(() => network.trainStep(spots(BATCH_SIZE + 8, 1), STEP)).toThrow(/8/);
      }));

    test.each(ARITHMETICS)('is deterministic (%s)', async (arithmetic) => {
      const run = async (): Promise<[number[], Weights]> => {
        let result: [number[], Weights] = [[], new Map()];
        await withNetwork((network) => {
          warmUp(network, 2);
          const losses = [1, 2, 3].map(
            (seed) => network.trainStep(spots(BATCH_SIZE, seed), { ...STEP, arithmetic }).loss,
          );
          result = [losses, network.readWeights()];
        });
        return result;
      };
      const [losses, weights] = await run();
      const [sameLosses, sameWeights] = await run();
      expect(sameLosses).toEqual(losses);
      expectClose(sameWeights, weights, 0);
    });

    test.each([
      ['float', 'adam', 0.01],
      ['float', 'sgd', 0.05],
      ['quantized', 'adam', 0.01],
      ['integer', 'adam', 0.01],
    ] as const)('learns a small problem (%s, %s)', (arithmetic, optimizer, learningRate) =>
      withNetwork((network) => {
        warmUp(network);
        const unseen = spots(60, 77);
        const before = network.trainStep(spots(BATCH_SIZE, 8), { ...STEP, arithmetic, optimizer, learningRate });
        for (let step = 0; step < 25; step++) {
          network.trainStep(spots(BATCH_SIZE, 200 + step), { ...STEP, arithmetic, optimizer, learningRate });
        }
        const after = network.trainStep(spots(BATCH_SIZE, 8), { ...STEP, arithmetic, optimizer, learningRate });
        expect(after.loss).toBeLessThan(0.7 * before.loss);
        expect(after.correct).toBeGreaterThanOrEqual(BATCH_SIZE - 1);
        expect(countCorrect(network.logits(unseen.images, arithmetic), unseen.labels)).toBeGreaterThanOrEqual(54);
      }),
    );

    test('loss is the cross-entropy of the targets; soft targets replace labels', () =>
      withNetwork((network) => {
        const uniform = new Float32Array(BATCH_SIZE * CLASSES).fill(1 / CLASSES);
        const smoothed = network.gradients(batch, { arithmetic: 'float', labelSmoothing: 1 });
        const soft = network.gradients({ ...batch, softTargets: uniform }, { arithmetic: 'float', labelSmoothing: 0 });
        expect(soft.loss).toBeCloseTo(smoothed.loss, 5);
        const oneHot = network.gradients(batch, { arithmetic: 'float', labelSmoothing: 0 });
        const half = network.gradients(batch, { arithmetic: 'float', labelSmoothing: 0.5 });
        expect(half.loss).toBeCloseTo((oneHot.loss + smoothed.loss) / 2, 4);
      }));

    test('a loss of zero logits is ln(classes)', () =>
      withNetwork((network) => {
        const weights = network.readWeights();
        for (const layer of weights.values()) layer.kernel.fill(0);
        network.writeWeights(weights);
        expect(network.gradients(batch, { arithmetic: 'float', labelSmoothing: 0 }).loss).toBeCloseTo(
          Math.log(CLASSES),
          4,
        );
      }));

    test('computes gradients that finite differences confirm', () =>
      withNetwork((network) => {
        const objective = { arithmetic: 'float', labelSmoothing: 0.1 } as const;
        const { gradients } = network.gradients(batch, objective);
        for (const [name, gradient] of gradients) {
          for (const parameter of ['kernel', 'gamma', 'beta'] as const) {
            const length = Math.hypot(...gradient[parameter]);
            if (length === 0) continue;
            const slope = slopeAlong(network, batch, name, parameter, gradient[parameter], length, objective);
            expect({ name, parameter, ratio: round(slope / length) }).toEqual({ name, parameter, ratio: 1 });
          }
        }
      }));

    test('computing gradients or logits changes nothing', () =>
      withNetwork((network) => {
        warmUp(network);
        const before = network.readWeights();
        for (const arithmetic of ARITHMETICS) {
          network.gradients(batch, { arithmetic, labelSmoothing: 0 });
          network.logits(batch.images, arithmetic);
        }
        expectClose(network.readWeights(), before, 0);
      }));

    test('sgd’s first step follows the gradient and the weight decay', () =>
      withNetwork((network) => {
        const before = network.readWeights();
        const { gradients } = network.gradients(batch, STEP);
        const options = { ...STEP, optimizer: 'sgd', learningRate: 0.5, weightDecay: 0.1 } as const;
        network.trainStep(batch, options);
        const after = network.readWeights();
        for (const [name, { kernel, beta }] of after) {
          const [start, gradient] = [layerOf(before, name), layerOf(gradients, name)];
          expectArrayClose(
            kernel,
            start.kernel.map((w, i) => w - 0.5 * (gradient.kernel[i] + 0.1 * w)),
            1e-4,
          );
          expectArrayClose(
            beta,
            start.beta.map((b, i) => b - 0.5 * gradient.beta[i]),
            1e-4,
          );
        }
      }));

    test('adam’s first step has the size of the learning rate, weight decay is decoupled', () =>
      withNetwork((network) => {
        const before = network.readWeights();
        const { gradients } = network.gradients(batch, STEP);
        network.trainStep(batch, { ...STEP, learningRate: 0.1, weightDecay: 0.2 });
        for (const [name, { kernel }] of network.readWeights()) {
          const [start, gradient] = [layerOf(before, name), layerOf(gradients, name)];
          kernel.forEach((weight, i) => {
            if (Math.abs(gradient.kernel[i]) < 1e-4) return;
            expect(weight).toBeCloseTo(
              start.kernel[i] - 0.1 * (Math.sign(gradient.kernel[i]) + 0.2 * start.kernel[i]),
              3,
            );
          });
        }
      }));

    test.each(ARITHMETICS)('pruned weights are zero and stay zero (%s)', (arithmetic) =>
      withNetwork((network) => {
        warmUp(network, 2);
        const weights = network.readWeights();
        for (const { mask } of weights.values()) mask.forEach((_, i) => (mask[i] = i % 3 === 0 ? 0 : 1));
        network.writeWeights(weights);
        const { gradients } = network.gradients(batch, { arithmetic, labelSmoothing: 0 });
        for (let step = 0; step < 3; step++) network.trainStep(batch, { ...STEP, arithmetic, weightDecay: 0.01 });
        const after = network.readWeights();
        for (const [name, { kernel, mask }] of after) {
          expect(mask).toEqual(layerOf(weights, name).mask);
          expect(kernel.every((weight, i) => (i % 3 === 0 ? weight === 0 : true))).toBe(true);
          expect(layerOf(gradients, name).kernel.every((slope, i) => (i % 3 === 0 ? slope === 0 : true))).toBe(true);
          expect(kernel.some((weight) => weight !== 0)).toBe(true);
        }
      }),
    );

    test('batch norm follows the batches’ statistics, but not in integer arithmetic', () =>
      withNetwork((network) => {
        warmUp(network, 1);
        const afterOne = network.readWeights();
        const first = layerOf(afterOne, 'conv1');
        expect(first.runningMean.some((mean) => mean !== 0)).toBe(true);
        // It started at 1, and this is the first batch.
        expect(first.runningVariance.every((variance) => variance >= BATCH_NORM_MOMENTUM - 1e-6)).toBe(true);
        network.trainStep(batch, { ...STEP, arithmetic: 'integer' });
        const afterInteger = layerOf(network.readWeights(), 'conv1');
        expect(afterInteger.runningMean).toEqual(first.runningMean);
        expect(afterInteger.runningVariance).toEqual(first.runningVariance);
        network.trainStep(batch, { ...STEP, arithmetic: 'quantized' });
        expect(layerOf(network.readWeights(), 'conv1').runningMean).not.toEqual(first.runningMean);
      }));

    test('weights that are written can be read back, and nothing is shared', () =>
      withNetwork((network) => {
        const weights = initialWeights(everyLayer, 99);
        network.writeWeights(weights);
        expectClose(network.readWeights(), weights, 0);
        layerOf(weights, 'conv1').kernel.fill(7);
        network.readWeights().get('conv1')?.kernel.fill(8);
        expect(layerOf(network.readWeights(), 'conv1').kernel).toEqual(
          layerOf(initialWeights(everyLayer, 99), 'conv1').kernel,
        );
        network.writeWeights(new Map([['conv1', layerOf(initialWeights(everyLayer, 3), 'conv1')]]));
        expectClose(
          network.readWeights(),
          new Map([...initialWeights(everyLayer, 99), ['conv1', layerOf(initialWeights(everyLayer, 3), 'conv1')]]),
          0,
        );
      }));

    test('weights that do not fit are refused', () =>
      withNetwork((network) => {
        const layer = layerOf(network.readWeights(), 'conv1');
        expect(() =>
          network.writeWeights(new Map([['conv1', { ...layer, kernel: layer.kernel.subarray(1) }]])),
        ).toThrow(/conv1/);
        expect(() => network.writeWeights(new Map([['conv9', layer]]))).toThrow(/conv9/);
      }));

    test('integers need calibration', () =>
      withNetwork((network) => {
        expect(() => network.trainStep(batch, { ...STEP, arithmetic: 'quantized' })).toThrow(/calibrate/);
        expect(() => network.trainStep(batch, { ...STEP, arithmetic: 'integer' })).toThrow(/calibrate/);
        expect(() => network.logits(batch.images, 'integer')).toThrow(/calibrate/);
        expect(() => network.exportModel('model', {})).toThrow(/calibrate/);
      }));

    test('the exported model carries its name and where it came from', () =>
      withNetwork((network) => {
        warmUp(network, 1);
        const model = network.exportModel('spots', { dataset: 'spots', seed: 5 });
        expect(model).toMatchObject({
          name: 'spots',
          architecture: everyLayer,
          provenance: { dataset: 'spots', seed: 5 },
        });
        expect(model.parameters).toHaveLength(everyLayer.layers.length);
      }));

    describe.each(Object.entries(networks))('%s', (_, architecture) => {
      test('logits in integer arithmetic are the interpreter’s', () =>
        withNetwork((network) => {
          warmUp(network, 3);
          network.trainStep(batch, { ...STEP, arithmetic: 'integer' });
          const interpreter = createInterpreter(network.exportModel('model', {}));
          const count = 5;
          const { images } = spots(count, 9);
          const size = images.length / count;
          const expected = Array.from({ length: count }, (_, n) => [
            ...interpreter.infer(images.subarray(n * size, (n + 1) * size)),
          ]);
          expect([...network.logits(images, 'integer')]).toEqual(expected.flat());
        }, architecture));

      test('the three arithmetics are close to one another', () =>
        withNetwork((network) => {
          warmUp(network, 8);
          const { images } = spots(40, 10);
          const [float, quantized, integer] = ARITHMETICS.map((arithmetic) => network.logits(images, arithmetic));
          if (isInt8(architecture)) expect(correlation(float, quantized)).toBeGreaterThan(0.99);
          expect(correlation(quantized, integer)).toBeGreaterThan(isInt8(architecture) ? 0.99 : 0.9);
        }, architecture));
    });
  });
}

type Objective = Parameters<Network['gradients']>[1];

/** The loss's slope along a normalised gradient, by central differences. */
function slopeAlong(
  network: Network,
  batch: Batch,
  name: string,
  parameter: 'kernel' | 'gamma' | 'beta',
  gradient: Float32Array,
  length: number,
  objective: Objective,
): number {
  const original = layerOf(network.readWeights(), name);
  const lossAt = (distance: number): number => {
    const moved = original[parameter].map((value, i) => value + (distance * gradient[i]) / length);
    network.writeWeights(new Map([[name, { ...original, [parameter]: moved }]]));
    return network.gradients(batch, objective).loss;
  };
  const step = 2e-3;
  const slope = (lossAt(step) - lossAt(-step)) / (2 * step);
  network.writeWeights(new Map([[name, original]]));
  return slope;
}

function round(ratio: number): number {
  return Math.round(ratio * 20) / 20;
}

function isInt8(architecture: Architecture): boolean {
  return architecture.layers.every((layer) => !isWeighted(layer) || layer.weightBits === 8);
}
