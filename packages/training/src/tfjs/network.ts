import type { Architecture, Model, Shape } from '@sparrow/model';
import { createInterpreter, inferShapes, shapeSize } from '@sparrow/model';
import type { Tensor } from '@tensorflow/tfjs';
import type { Arithmetic, Batch, Network, NetworkOptions, StepOptions, StepResult, Weights } from '../engine.ts';
import { initialWeights } from '../initialization.ts';
import type { FoldedNetwork } from '../quantization/index.ts';
import {
  activationRange,
  activationScales,
  BATCH_NORM_MOMENTUM,
  beginSteps,
  foldNetwork,
} from '../quantization/index.ts';
import { Sharing } from '../sharing.ts';
import { countCorrect } from '../targets.ts';
import { copyWeights, mergeWeights } from '../weights.ts';
import type { TensorFlow } from './backend.ts';
import type { Derivatives } from './differentiate.ts';
import { differentiate, layerTensors } from './differentiate.ts';
import { forward, imageTensor } from './forward.ts';
import type { ForwardResult, Integers } from './forward.ts';
import { WeightOptimizer } from './optimizer.ts';

/** Images that `logits` and `calibrate` take at once. */
const CHUNK = 128;

type Objective = Pick<StepOptions, 'arithmetic' | 'labelSmoothing'>;

/**
 * The readable engine: TensorFlow.js differentiates, everything else is plain arrays. `integer` arithmetic is supported in
 * full, by running the reference interpreter on every image: exact, and slow.
 */
export class TfjsNetwork implements Network {
  readonly architecture: Architecture;
  readonly batchSize: number;
  readonly #tf: TensorFlow;
  readonly #shapes: readonly Shape[];
  readonly #sharing: Sharing | undefined;
  #weights: Weights;
  #optimizer = new WeightOptimizer();
  #scales: Float32Array | undefined;

  constructor(tf: TensorFlow, architecture: Architecture, { batchSize, seed }: NetworkOptions) {
    this.#tf = tf;
    this.architecture = architecture;
    this.batchSize = batchSize;
    this.#shapes = inferShapes(architecture);
    this.#sharing = Sharing.of(architecture);
    this.#weights = initialWeights(architecture, seed);
    this.#sharing?.shareWeights(this.#weights);
  }

  trainStep(batch: Batch, options: StepOptions): StepResult {
    if (batch.labels.length !== this.batchSize) {
      throw new Error(`a training step takes ${this.batchSize} images, not ${batch.labels.length}`);
    }
    options.perturbation?.apply(this.#weights);
    if (options.learnsSteps && options.arithmetic === 'quantized') beginSteps(this.architecture, this.#weights);
    const { loss, logits, gradients, moments } = this.#differentiate(batch, options);
    options.perturbation?.undo(this.#weights, gradients);
    this.#sharing?.shareGradients(gradients);
    this.#optimizer.update(this.#weights, gradients, options);
    this.#sharing?.boundGains(this.#weights);
    for (const [name, { mean, variance }] of moments) {
      const layer = this.#weights.get(name);
      if (!layer) continue;
      follow(layer.runningMean, mean);
      follow(layer.runningVariance, variance);
    }
    return { loss, correct: countCorrect(logits, batch.labels) };
  }

  gradients(batch: Batch, objective: Objective): { loss: number; gradients: Weights } {
    const { loss, gradients } = this.#differentiate(batch, objective);
    this.#sharing?.shareGradients(gradients);
    return { loss, gradients };
  }

  logits(images: Uint8Array, arithmetic: Arithmetic): Float32Array {
    const chunks: Float32Array[] = [];
    if (arithmetic === 'integer') {
      const interpreter = createInterpreter(this.exportModel('network', {}));
      forEachChunk(images, this.#imageSize, (image) => chunks.push(Float32Array.from(interpreter.infer(image))));
    } else {
      this.#evaluate(images, arithmetic, ({ logits }) => chunks.push(valuesOf(logits)));
    }
    return concatenate(chunks);
  }

  readWeights(): Weights {
    return copyWeights(this.#weights);
  }

  writeWeights(weights: Weights): void {
    this.#weights = mergeWeights(this.#weights, weights);
    this.#sharing?.shareWeights(this.#weights);
    this.#optimizer = new WeightOptimizer();
  }

  calibrate(images: Uint8Array): void {
    const activations: Float32Array[][] = this.#shapes.map(() => []);
    this.#evaluate(images, 'float', ({ tensors }) => {
      tensors.forEach((tensor, index) => activations[index].push(valuesOf(tensor)));
    });
    const ranges = activations.map((chunks) => activationRange(concatenate(chunks)));
    this.#scales = activationScales(this.architecture, this.#shapes, ranges);
  }

  exportModel(name: string, provenance: Model['provenance']): Model {
    return { name, architecture: this.architecture, parameters: this.#fold().parameters, provenance };
  }

  /** Nothing to free: between calls, all that lives is plain arrays. */
  dispose(): void {}

  get #imageSize(): number {
    return shapeSize(this.architecture.input);
  }

  /** Runs the network on chunks of images, with running statistics. */
  #evaluate(images: Uint8Array, arithmetic: Arithmetic, use: (result: ForwardResult) => void): void {
    const tf = this.#tf;
    const options = { arithmetic, batchStatistics: false, scales: this.#scalesFor(arithmetic) };
    forEachChunk(images, CHUNK * this.#imageSize, (chunk) =>
      tf.tidy(() => {
        const layers = layerTensors(tf, this.architecture, this.#weights, options);
        use(forward(tf, this.architecture, layers, imageTensor(tf, this.architecture, chunk), options));
      }),
    );
  }

  #differentiate(batch: Batch, { arithmetic, labelSmoothing }: Objective): Derivatives {
    const isInteger = arithmetic === 'integer';
    const options = {
      arithmetic,
      batchStatistics: !isInteger,
      scales: this.#scalesFor(arithmetic),
      integers: isInteger ? this.#integers(batch.images) : undefined,
    };
    return differentiate(this.#tf, this.architecture, this.#shapes, this.#weights, batch, labelSmoothing, options);
  }

  #scalesFor(arithmetic: Arithmetic): Float32Array {
    if (arithmetic === 'float') return new Float32Array();
    if (!this.#scales) throw new Error(`call calibrate(images) before using ${arithmetic} arithmetic`);
    return this.#scales;
  }

  #fold(): FoldedNetwork {
    return foldNetwork(this.architecture, this.#shapes, this.#weights, this.#scalesFor('integer'));
  }

  /** The folded network, and all that the reference interpreter computes from these images. */
  #integers(images: Uint8Array): Integers {
    const scales = this.#scalesFor('integer');
    const folded = this.#fold();
    const { parameters, logitScale } = folded;
    const interpreter = createInterpreter({
      name: 'network',
      architecture: this.architecture,
      parameters,
      provenance: {},
    });
    const count = images.length / this.#imageSize;
    const tensors = this.#shapes.map((shape) => new Float32Array(count * shapeSize(shape)));
    for (let image = 0; image < count; image++) {
      const pixels = images.subarray(image * this.#imageSize, (image + 1) * this.#imageSize);
      interpreter.inferTensors(pixels).forEach((integers, tensor) => {
        const scale = tensor === tensors.length - 1 ? logitScale : scales[tensor];
        for (let i = 0; i < integers.length; i++) tensors[tensor][image * integers.length + i] = scale * integers[i];
      });
    }
    return { folded, tensors };
  }
}

function follow(running: Float32Array, batch: Float32Array): void {
  for (let i = 0; i < running.length; i++) {
    running[i] = BATCH_NORM_MOMENTUM * running[i] + (1 - BATCH_NORM_MOMENTUM) * batch[i];
  }
}

function forEachChunk(images: Uint8Array, length: number, use: (chunk: Uint8Array) => void): void {
  for (let start = 0; start < images.length; start += length) use(images.subarray(start, start + length));
}

function valuesOf(tensor: Tensor): Float32Array {
  return tensor.dataSync() as Float32Array;
}

function concatenate(chunks: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.length;
  }
  return all;
}
