import type { Architecture, LayerSpec, WeightedLayer } from '@sparrow/model';
import { isWeighted, orbitSize, preprocess } from '@sparrow/model';
import type { Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import type { Arithmetic } from '../engine.ts';
import type { FoldedNetwork } from '../quantization/index.ts';
import { BATCH_NORM_EPSILON, INPUT_SCALE, isLastLayer } from '../quantization/index.ts';
import type { TensorFlow } from './backend.ts';
import { roundActivation, withValues } from './straightThrough.ts';

/** Means of integers often lie on the half, where float32 must not decide; its error is about 255 · 2⁻²³ steps. */
const MEAN_NUDGE = 1e-4;

/** What a weighted layer computes with. Layouts of the kernel as in `WeightedParameters.weights`, flat. */
export interface LayerTensors {
  /** Master weights, 0 where pruned. */
  readonly kernel: Tensor1D;
  readonly gamma: Tensor1D;
  readonly beta: Tensor1D;
  readonly runningMean: Tensor1D;
  readonly runningVariance: Tensor1D;
  /** The real values that the kernel's integers stand for; absent in `float`. */
  readonly quantizedKernel?: Float32Array;
}

export interface ForwardOptions {
  readonly arithmetic: Arithmetic;
  /** Batch statistics instead of running ones (never in `integer`). */
  readonly batchStatistics: boolean;
  /** Scale of each tensor; unused in `float`. */
  readonly scales: ArrayLike<number>;
  /** Only and always in `integer`. */
  readonly integers?: Integers;
}

export interface Integers {
  readonly folded: FoldedNetwork;
  /** The real values of each tensor as the reference interpreter computed them. */
  readonly tensors: readonly Float32Array[];
}

export interface ForwardResult {
  /** The activations of each tensor, the images first; the last is `logits`. */
  readonly tensors: Tensor4D[];
  readonly logits: Tensor2D;
  /** Of the layers with batch norm, if `batchStatistics`. */
  readonly moments: Map<string, { mean: Tensor1D; variance: Tensor1D }>;
}

/** Bytes to 0…1, `[image][row][column][channel]`. */
export function imageTensor(tf: TensorFlow, architecture: Architecture, images: Uint8Array): Tensor4D {
  const { height, width, channels } = architecture.input;
  const count = images.length / (height * width * channels);
  return tf.tensor4d(
    Float32Array.from(preprocess(architecture, images), (byte) => byte * INPUT_SCALE),
    [count, height, width, channels],
  );
}

/** The forward pass of docs/quantization.md in differentiable TensorFlow.js operations. `images` holds 0…1. */
export function forward(
  tf: TensorFlow,
  architecture: Architecture,
  parameters: ReadonlyMap<string, LayerTensors>,
  images: Tensor4D,
  options: ForwardOptions,
): ForwardResult {
  const tensors = [images];
  const moments: ForwardResult['moments'] = new Map();

  const activate = (y: Tensor4D, output: number, nudge = 0): Tensor4D =>
    options.arithmetic === 'float'
      ? tf.relu(y)
      : roundActivation(tf, y, { scale: options.scales[output], exact: options.integers?.tensors[output], nudge });

  const normalize = (layer: WeightedLayer, z: Tensor4D, { gamma, beta, ...running }: LayerTensors): Tensor4D => {
    let { runningMean: mean, runningVariance: variance } = running;
    if (options.batchStatistics) {
      mean = meanOfOrbits(tf, layer, tf.mean(z, [0, 1, 2]));
      variance = meanOfOrbits(tf, layer, tf.mean(tf.square(tf.sub(z, mean)), [0, 1, 2]));
      moments.set(layer.name, { mean, variance });
    }
    const deviation = tf.sqrt(tf.add(variance, BATCH_NORM_EPSILON));
    return tf.add(tf.mul(tf.div(tf.sub(z, mean), deviation), gamma), beta);
  };

  const runLayer = (layer: LayerSpec, output: number): Tensor4D => {
    const [x, second] = layer.inputs.map((tensor) => tensors[tensor]);
    if (isWeighted(layer)) {
      const learned = parameters.get(layer.name);
      if (!learned) throw new Error(`layer ${layer.name} has no weights`);
      const kernel = learned.quantizedKernel ? withValues(tf, learned.kernel, learned.quantizedKernel) : learned.kernel;
      const z = weightedSum(tf, layer, kernel, x);
      if (!isLastLayer(layer)) return activate(normalize(layer, z, learned), output);
      const logits = tf.add(z, learned.beta) as Tensor4D;
      return options.integers ? withValues(tf, logits, options.integers.tensors[output]) : logits;
    }
    const y = combine(tf, layer, x, second);
    return layer.kind === 'maxPool' ? y : activate(y, output, layer.kind === 'add' ? 0 : MEAN_NUDGE);
  };

  architecture.layers.forEach((layer, index) => tensors.push(runLayer(layer, index + 1)));
  const last = tensors[tensors.length - 1];
  return { tensors, logits: last.reshape([images.shape[0], -1]), moments };
}

/** One a channel; those of an orbit get what they have in common. */
function meanOfOrbits(tf: TensorFlow, layer: WeightedLayer, values: Tensor1D): Tensor1D {
  const order = orbitSize(layer);
  if (order === 1) return values;
  const orbits = values.reshape([-1, order]);
  return tf.tile(tf.mean(orbits, 1, true), [1, order]).reshape([-1]);
}

function weightedSum(tf: TensorFlow, layer: WeightedLayer, kernel: Tensor1D, x: Tensor4D): Tensor4D {
  const [count, height, width, channels] = x.shape;
  switch (layer.kind) {
    case 'conv2d': {
      const filter = kernel.reshape([layer.filters, layer.kernel.height, layer.kernel.width, channels]);
      return tf.conv2d(x, tf.transpose(filter, [1, 2, 3, 0]) as Tensor4D, layer.stride, layer.padding);
    }
    case 'depthwiseConv2d': {
      const filter: Tensor4D = kernel.reshape([layer.kernel.height, layer.kernel.width, channels, 1]);
      return tf.depthwiseConv2d(x, filter, layer.stride, layer.padding);
    }
    case 'dense': {
      const inputs = height * width * channels;
      const matrix: Tensor2D = kernel.reshape([layer.units, inputs]);
      const flat: Tensor2D = x.reshape([count, inputs]);
      return tf.matMul(flat, matrix, false, true).reshape([count, 1, 1, layer.units]);
    }
  }
}

function combine(
  tf: TensorFlow,
  layer: Exclude<LayerSpec, WeightedLayer>,
  x: Tensor4D,
  second: Tensor4D | undefined,
): Tensor4D {
  switch (layer.kind) {
    case 'maxPool':
    case 'averagePool': {
      const window: [number, number] = [layer.window.height, layer.window.width];
      const stride: [number, number] = [layer.stride.height, layer.stride.width];
      return layer.kind === 'maxPool' ? tf.maxPool(x, window, stride, 'valid') : tf.avgPool(x, window, stride, 'valid');
    }
    case 'globalAveragePool':
      return tf.mean(x, [1, 2], true);
    case 'add':
      if (!second) throw new Error(`layer ${layer.name} reads one tensor, add needs two`);
      return tf.add(x, second);
  }
}
