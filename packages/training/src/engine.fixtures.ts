import type { Architecture } from '@sparrow/model';
import {
  averagePool,
  conv2d,
  dense,
  depthwiseConv2d,
  globalAveragePool,
  logits,
  maxPool,
  pointwise,
  residual,
  sequential,
} from '@sparrow/model';
import type { Arithmetic, Batch, Network, StepOptions } from './engine.ts';
import { Random } from './random.ts';

/** Small networks and a small problem for tests of engines. */

export const ARITHMETICS: readonly Arithmetic[] = ['float', 'quantized', 'integer'];
export const BATCH_SIZE = 8;
export const CLASSES = 3;

const INPUT = { height: 7, width: 8, channels: 2 };

/** One network a layer kind, and the ways that it can be set up. Every one has a convolution before it, so that gradients pass through. */
export const networksByLayer: Readonly<Record<string, Architecture>> = {
  'conv2d, same': sequential(INPUT, [conv2d(3), conv2d(4), logits(CLASSES)]),
  'conv2d, valid': sequential(INPUT, [
    conv2d(3, { padding: 'valid' }),
    conv2d(5, { padding: 'valid' }),
    logits(CLASSES),
  ]),
  'conv2d, stride 2, same': sequential(INPUT, [conv2d(3, { stride: 2 }), conv2d(4, { stride: 2 }), logits(CLASSES)]),
  'conv2d, stride 2, valid, 5×2': sequential(INPUT, [
    conv2d(3, { kernel: { height: 2, width: 5 } }),
    conv2d(4, { kernel: { height: 5, width: 2 }, stride: 2, padding: 'valid' }),
    logits(CLASSES),
  ]),
  'conv2d, 7×7': sequential(INPUT, [
    conv2d(3, { kernel: 7 }),
    conv2d(4, { kernel: 7, padding: 'valid' }),
    logits(CLASSES),
  ]),
  'conv2d, 4 bits and ternary': sequential(INPUT, [
    conv2d(3, { weightBits: 4 }),
    conv2d(4, { weightBits: 2 }),
    logits(CLASSES, { weightBits: 4 }),
  ]),
  '16-bit accumulators': sequential(INPUT, [
    conv2d(3, { accumulatorBits: 16 }),
    conv2d(4, { kernel: 5, accumulatorBits: 16 }),
    dense(4, { accumulatorBits: 16 }),
    logits(CLASSES, { accumulatorBits: 16 }),
  ]),
  'byte biases': sequential(INPUT, [
    conv2d(3, { biasBits: 8 }),
    conv2d(4, { kernel: 5, accumulatorBits: 16, biasBits: 8 }),
    dense(4, { biasBits: 8 }),
    logits(CLASSES, { biasBits: 8 }),
  ]),
  'tied conv2d': sequential(INPUT, [
    conv2d(4),
    conv2d(4, { name: 'owner' }),
    residual([conv2d(4, { tiedTo: 'owner' })]),
    conv2d(4, { tiedTo: 'owner', stride: 2 }),
    logits(CLASSES),
  ]),
  'tied depthwiseConv2d, valid': sequential(INPUT, [
    conv2d(5),
    depthwiseConv2d({ name: 'owner', padding: 'valid' }),
    pointwise(5),
    depthwiseConv2d({ tiedTo: 'owner' }),
    logits(CLASSES),
  ]),
  'mirrored conv2d': sequential(INPUT, [
    conv2d(4, { symmetry: 'mirror', kernel: { height: 2, width: 3 } }),
    conv2d(6, { symmetry: 'mirror', stride: 2, weightBits: 4, biasBits: 8 }),
    logits(CLASSES),
  ]),
  'rotated conv2d, tied': sequential(INPUT, [
    // Two orbits: gains of a single one would have no gradient, as the next batch norm takes them away.
    conv2d(8, { symmetry: 'rotation', kernel: 2 }),
    conv2d(8, { symmetry: 'rotation', name: 'owner', accumulatorBits: 16 }),
    maxPool(2),
    residual([conv2d(8, { symmetry: 'rotation', tiedTo: 'owner' })]),
    logits(CLASSES),
  ]),
  depthwiseConv2d: sequential(INPUT, [conv2d(5), depthwiseConv2d(), logits(CLASSES)]),
  'depthwiseConv2d, stride 2, 5×3, 4 bits': sequential(INPUT, [
    conv2d(5),
    depthwiseConv2d({ kernel: { height: 5, width: 3 }, stride: 2, weightBits: 4 }),
    logits(CLASSES),
  ]),
  'depthwiseConv2d, valid, first': sequential(INPUT, [depthwiseConv2d({ padding: 'valid' }), logits(CLASSES)]),
  pointwise: sequential(INPUT, [conv2d(4, { stride: 2 }), pointwise(6), logits(CLASSES)]),
  maxPool: sequential(INPUT, [conv2d(4), maxPool(2), conv2d(3), logits(CLASSES)]),
  'maxPool, overlapping, 3×2': sequential(INPUT, [
    conv2d(4),
    maxPool({ height: 3, width: 2 }, { height: 2, width: 1 }),
    logits(CLASSES),
  ]),
  averagePool: sequential(INPUT, [averagePool(2), conv2d(4), averagePool(2), logits(CLASSES)]),
  'averagePool, overlapping, 2×3': sequential(INPUT, [
    conv2d(4),
    averagePool({ height: 2, width: 3 }, { height: 1, width: 2 }),
    logits(CLASSES),
  ]),
  globalAveragePool: sequential(INPUT, [conv2d(6), globalAveragePool(), logits(CLASSES)]),
  dense: sequential(INPUT, [conv2d(4, { stride: 2 }), dense(8), dense(5, { weightBits: 4 }), logits(CLASSES)]),
  add: sequential(INPUT, [conv2d(4, { stride: 2 }), residual([depthwiseConv2d(), pointwise(4)]), logits(CLASSES)]),
};

/** Every kind of layer in one network. */
export const everyLayer: Architecture = sequential(INPUT, [
  conv2d(4),
  residual([depthwiseConv2d(), pointwise(4)]),
  maxPool(2),
  conv2d(5, { kernel: { height: 2, width: 3 }, padding: 'valid' }),
  averagePool({ height: 2, width: 1 }, 1),
  dense(6),
  logits(CLASSES),
]);

/** Of one channel, as what is preprocessed has to be. */
export const normalised: Architecture = {
  ...sequential({ ...INPUT, channels: 1 }, [conv2d(4), maxPool(2), logits(CLASSES)]),
  preprocessing: 'momentNormalization',
};

/** A problem that a network of a few weights can learn: a bright spot in one of three places, and noise. */
export function spots(count: number, seed: number, { height, width, channels } = INPUT): Batch {
  const random = new Random(seed);
  const labels = Uint8Array.from({ length: count }, () => Math.floor(random.next() * CLASSES));
  const images = Uint8Array.from({ length: count * height * width * channels }, () => random.next() * 120);
  labels.forEach((label, image) => {
    const column = Math.floor(((label + 0.5) * width) / CLASSES);
    for (let row = 1; row < height - 1; row++) {
      const pixel = (image * height + row) * width + column;
      images.fill(255, pixel * channels, (pixel + 1) * channels);
    }
  });
  return { images, labels };
}

export const STEP: StepOptions = {
  arithmetic: 'float',
  labelSmoothing: 0,
  optimizer: 'adam',
  learningRate: 0.01,
  momentum: 0.9,
  weightDecay: 0,
};

/** Training steps, each with a batch of its own: those from `first` on. */
export function takeSteps(network: Network, steps: number, options: StepOptions, first = 0): void {
  for (let step = first; step < first + steps; step++) network.trainStep(spots(BATCH_SIZE, step), options);
}
