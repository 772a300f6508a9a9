import type { Architecture, Shape, WeightedLayer } from '@sparrow/model';
import { isWeighted } from '@sparrow/model';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs';
import type { Batch, LayerWeights, Weights } from '../engine.ts';
import { addStepGradients, foldedKernel, isLastLayer, roundedKernel } from '../quantization/index.ts';
import { classTargets } from '../targets.ts';
import type { TensorFlow } from './backend.ts';
import { forward, imageTensor } from './forward.ts';
import type { ForwardOptions, ForwardResult, LayerTensors } from './forward.ts';

/** What TensorFlow.js differentiates; the rest of `LayerWeights` gets zeros. */
const LEARNED = ['kernel', 'gamma', 'beta'] as const;

export interface Derivatives {
  readonly loss: number;
  readonly logits: Float32Array;
  /** Of kernels (0 where pruned), gammas and betas, and of steps that are learned. */
  readonly gradients: Weights;
  /** Batch statistics by layer, where batch norm used them. */
  readonly moments: ReadonlyMap<string, { readonly mean: Float32Array; readonly variance: Float32Array }>;
}

/** Puts the weights into tensors, beside them the kernels that `arithmetic` computes with. Call within `tf.tidy`. */
export function layerTensors(
  tf: TensorFlow,
  architecture: Architecture,
  weights: Weights,
  options: ForwardOptions,
): Map<string, LayerTensors> {
  const tensors = new Map<string, LayerTensors>();
  for (const layer of architecture.layers.filter(isWeighted)) {
    const learned = weights.get(layer.name);
    if (!learned) throw new Error(`layer ${layer.name} has no weights`);
    tensors.set(layer.name, {
      kernel: tf.tensor1d(learned.kernel),
      gamma: tf.tensor1d(learned.gamma),
      beta: tf.tensor1d(learned.beta),
      runningMean: tf.tensor1d(learned.runningMean),
      runningVariance: tf.tensor1d(learned.runningVariance),
      quantizedKernel: quantizedKernel(architecture, layer, learned, options),
    });
  }
  return tensors;
}

function quantizedKernel(
  architecture: Architecture,
  layer: WeightedLayer,
  learned: LayerWeights,
  { arithmetic, integers }: ForwardOptions,
): Float32Array | undefined {
  if (arithmetic === 'float') return undefined;
  return integers ? foldedKernel(integers.folded, architecture, layer) : roundedKernel(layer, learned);
}

/** Loss, gradients and batch statistics of one batch, as plain arrays. */
export function differentiate(
  tf: TensorFlow,
  architecture: Architecture,
  shapes: readonly Shape[],
  weights: Weights,
  batch: Batch,
  labelSmoothing: number,
  options: ForwardOptions,
): Derivatives {
  let derivatives: Derivatives | undefined;
  tf.tidy(() => {
    const classes = shapes[shapes.length - 1].channels;
    const images = imageTensor(tf, architecture, batch.images);
    const targets = tf.tensor2d(classTargets(batch, classes, labelSmoothing), [batch.labels.length, classes]);
    const layers = layerTensors(tf, architecture, weights, options);
    const learned = learnedParameters(architecture);
    let result: ForwardResult | undefined;
    const crossEntropy = (...values: Tensor[]): Tensor => {
      learned.forEach(({ name, parameter }, index) => {
        layers.set(name, { ...tensorsOf(layers, name), [parameter]: values[index] as Tensor1D });
      });
      result = forward(tf, architecture, layers, images, options);
      keep(tf, result);
      return tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(result.logits)), 1)));
    };
    const { value, grads } = tf.valueAndGrads(crossEntropy)(
      learned.map(({ name, parameter }) => tensorsOf(layers, name)[parameter]),
    );
    if (!result) throw new Error('TensorFlow.js did not evaluate the network');
    const gradients = zeroGradients(weights);
    learned.forEach(({ name, parameter }, index) => gradients.get(name)?.[parameter].set(grads[index].dataSync()));
    maskGradients(gradients);
    if (options.arithmetic === 'quantized') addStepGradients(architecture, weights, gradients);
    derivatives = { loss: value.dataSync()[0], gradients, ...release(result) };
  });
  if (!derivatives) throw new Error('TensorFlow.js did not differentiate the network');
  return derivatives;
}

function tensorsOf(layers: ReadonlyMap<string, LayerTensors>, name: string): LayerTensors {
  const tensors = layers.get(name);
  if (!tensors) throw new Error(`layer ${name} has no weights`);
  return tensors;
}

/** The last layer's gamma plays no part, and TensorFlow.js refuses what has no gradient. */
function learnedParameters(architecture: Architecture): { name: string; parameter: (typeof LEARNED)[number] }[] {
  return architecture.layers.filter(isWeighted).flatMap((layer) =>
    LEARNED.filter((parameter) => parameter !== 'gamma' || !isLastLayer(layer)).map((parameter) => ({
      name: layer.name,
      parameter,
    })),
  );
}

/** Saves what the caller reads from the tidying that `valueAndGrads` does. */
function keep(tf: TensorFlow, { logits, moments }: ForwardResult): void {
  tf.keep(logits);
  for (const { mean, variance } of moments.values()) {
    tf.keep(mean);
    tf.keep(variance);
  }
}

function release({ logits, moments }: ForwardResult): Pick<Derivatives, 'logits' | 'moments'> {
  const take = (tensor: Tensor): Float32Array => {
    const values = tensor.dataSync() as Float32Array;
    tensor.dispose();
    return values;
  };
  return {
    logits: take(logits),
    moments: new Map(
      [...moments].map(([name, { mean, variance }]) => [name, { mean: take(mean), variance: take(variance) }]),
    ),
  };
}

function zeroGradients(weights: Weights): Weights {
  const zeros = (array: Float32Array): Float32Array => new Float32Array(array.length);
  return new Map(
    [...weights].map(([name, layer]): [string, LayerWeights] => [
      name,
      {
        kernel: zeros(layer.kernel),
        mask: layer.mask.slice(),
        gamma: zeros(layer.gamma),
        beta: zeros(layer.beta),
        steps: zeros(layer.steps),
        runningMean: zeros(layer.runningMean),
        runningVariance: zeros(layer.runningVariance),
      },
    ]),
  );
}

function maskGradients(gradients: Weights): void {
  for (const { kernel, mask } of gradients.values()) {
    for (let i = 0; i < kernel.length; i++) kernel[i] *= mask[i];
  }
}
