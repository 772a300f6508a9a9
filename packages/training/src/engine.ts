import type { Architecture, Model } from '@sparrow/model';

/**
 * How a layer computes during training and evaluation.
 * - `float`: float weights and activations, batch norm over the batch in training.
 * - `quantized`: weights rounded to integers, activations rounded to 0…255; batch norm over the batch in training.
 *   Gradients pass through the rounding (straight-through estimator).
 * - `integer`: batch norm frozen and folded; the forward pass is docs/numerics.md to the bit. Training in it is
 *   quantisation-aware fine-tuning; `evaluate` in it gives the logits of the exported model.
 */
export type Arithmetic = 'float' | 'quantized' | 'integer';

/** A float copy of everything that is learned: by layer name, by parameter name. Layouts as in `WeightedParameters`. */
export type Weights = Map<string, LayerWeights>;

export interface LayerWeights {
  /** Master weights, layout as in `WeightedParameters.weights`. */
  kernel: Float32Array;
  /** 1 keeps, 0 prunes; same layout. */
  mask: Uint8Array;
  /** Batch norm of conv and hidden dense layers; of the last layer only `beta` (its bias) is used. One a channel. */
  gamma: Float32Array;
  beta: Float32Array;
  /**
   * Between two of the levels that weights are rounded to, in root mean squares of the channel's kept weights. 0 where the kernel alone tells it
   * (`weightScales`): until it is learned. One a channel.
   */
  steps: Float32Array;
  runningMean: Float32Array;
  runningVariance: Float32Array;
}

export interface OptimizerStep {
  readonly optimizer: 'sgd' | 'adam';
  readonly learningRate: number;
  /** SGD's momentum, or Adam's β₁. */
  readonly momentum: number;
  /** L2 on kernels; decoupled (AdamW) for Adam. */
  readonly weightDecay: number;
}

/** Noise on what is learned, for the length of a gradient: see `VariationalDropout`. */
export interface Perturbation {
  /** Changes the parameters in place. */
  apply(weights: Weights): void;
  /** Restores them, and may change their gradients in place. */
  undo(weights: Weights, gradients: Weights): void;
}

export interface StepOptions extends OptimizerStep {
  readonly arithmetic: Arithmetic;
  /** In float arithmetic only. */
  readonly perturbation?: Perturbation;
  /** Begins to learn the steps of weights of 4 and 2 bits too, in `quantized` arithmetic: from then on; default no. */
  readonly learnsSteps?: boolean;
  /** 0 is one-hot. */
  readonly labelSmoothing: number;
}

export interface StepResult {
  /** Mean cross-entropy over the batch. */
  readonly loss: number;
  readonly correct: number;
}

/** Images as bytes, `[image][row][column][channel]`; labels one byte each. */
export interface Batch {
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
  /** Class probabilities `[image][class]` to train towards instead of the labels (distillation, mix-up); `labels` still count for `correct`. */
  readonly softTargets?: Float32Array;
}

export interface NetworkOptions {
  /** Images a training step takes; a multiple of 8. */
  readonly batchSize: number;
  readonly seed: number;
}

/** One network in training: parameters, optimiser state and scratch memory. Not thread-safe; one a worker. */
export interface Network {
  readonly architecture: Architecture;
  readonly batchSize: number;
  /** Forward, backward, update. `batch` has exactly `batchSize` images. */
  trainStep(batch: Batch, options: StepOptions): StepResult;
  /** Forward and backward only: the loss and its gradients by layer, for tests and for pruning criteria. */
  gradients(
    batch: Batch,
    options: Pick<StepOptions, 'arithmetic' | 'labelSmoothing'>,
  ): { loss: number; gradients: Weights };
  /** Logits, `[image][class]`, of any number of images, with running statistics. In `integer` arithmetic they are exact integers. */
  logits(images: Uint8Array, arithmetic: Arithmetic): Float32Array;
  /** A copy. */
  readWeights(): Weights;
  /** Copies in; layers not named keep theirs. Optimiser state is reset. Throws if a length does not match. */
  writeWeights(weights: Weights): void;
  /** Chooses activation scales from these images; must be called before `quantized` or `integer` is used. */
  calibrate(images: Uint8Array): void;
  /** The integers that `integer` arithmetic computes with. */
  exportModel(name: string, provenance: Model['provenance']): Model;
  dispose(): void;
}

/** `wasm` (default) and `tfjs` implement this; `engineContract` in `engine.contract.ts` is run against both. */
export interface Engine {
  readonly name: 'wasm' | 'tfjs';
  createNetwork(architecture: Architecture, options: NetworkOptions): Promise<Network>;
}
