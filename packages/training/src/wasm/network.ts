import type { Architecture, Model } from '@sparrow/model';
import { preprocess, shapeSize } from '@sparrow/model';
import type { Arithmetic, Batch, Network, NetworkOptions, StepOptions, StepResult, Weights } from '../engine.ts';
import { initialWeights } from '../initialization.ts';
import { activationRange, activationScales, beginSteps, foldNetwork } from '../quantization/index.ts';
import type { FoldedNetwork } from '../quantization/index.ts';
import { Sharing } from '../sharing.ts';
import { classTargets, countCorrect } from '../targets.ts';
import { copyWeights, mergeWeights } from '../weights.ts';
import { Arena } from './arena.ts';
import type { KernelExports } from './arena.ts';
import { storeIntegers } from './integers.ts';
import { readGradients, storeWeights, viewAllGradients, viewAllWeights } from './parameters.ts';
import { planNetwork } from './plan.ts';
import type { NetworkPlan } from './plan.ts';
import { gatherValues, LANES } from './tensors.ts';

/** `enum Arithmetic` of kernels/network.h. */
const ARITHMETICS: Readonly<Record<Arithmetic, number>> = { float: 0, quantized: 1, integer: 2 };

/** A network whose whole training step runs in the kernels; this class moves data in and out. One wasm instance each. */
export class WasmNetwork implements Network {
  readonly architecture: Architecture;
  readonly batchSize: number;
  readonly #kernels: KernelExports;
  readonly #arena: Arena;
  readonly #plan: NetworkPlan;
  readonly #imageBytes: number;
  readonly #classes: number;
  readonly #sharing: Sharing | undefined;
  #scales: Float32Array | undefined;
  #step = 0;

  constructor(kernels: KernelExports, architecture: Architecture, { batchSize, seed }: NetworkOptions) {
    if (!(batchSize > 0 && batchSize % LANES === 0)) {
      throw new Error(`batch size ${batchSize}: must be a positive multiple of ${LANES}`);
    }
    this.architecture = architecture;
    this.batchSize = batchSize;
    this.#kernels = kernels;
    this.#arena = new Arena(kernels);
    this.#plan = planNetwork(this.#arena, architecture, batchSize);
    this.#imageBytes = shapeSize(architecture.input);
    this.#classes = this.#plan.shapes[this.#plan.shapes.length - 1].channels;
    this.#sharing = Sharing.of(architecture);
    const weights = initialWeights(architecture, seed);
    this.#sharing?.shareWeights(weights);
    storeWeights(this.#arena, this.#plan, weights);
  }

  trainStep(batch: Batch, options: StepOptions): StepResult {
    const { optimizer, learningRate, momentum, weightDecay, perturbation, arithmetic } = options;
    if (options.learnsSteps && arithmetic === 'quantized') {
      beginSteps(this.architecture, viewAllWeights(this.#arena, this.#plan));
    }
    perturbation?.apply(viewAllWeights(this.#arena, this.#plan));
    const loss = this.#pass(batch, options, true);
    perturbation?.undo(viewAllWeights(this.#arena, this.#plan), viewAllGradients(this.#arena, this.#plan));
    this.#sharing?.shareGradients(viewAllGradients(this.#arena, this.#plan));
    const useAdam = Number(optimizer === 'adam');
    this.#kernels.update(this.#plan.address, useAdam, learningRate, momentum, weightDecay, ++this.#step);
    this.#sharing?.boundGains(viewAllWeights(this.#arena, this.#plan));
    return { loss, correct: countCorrect(this.#viewLogits(this.batchSize), batch.labels) };
  }

  gradients(
    batch: Batch,
    options: Pick<StepOptions, 'arithmetic' | 'labelSmoothing'>,
  ): { loss: number; gradients: Weights } {
    const loss = this.#pass(batch, options, false);
    this.#sharing?.shareGradients(viewAllGradients(this.#arena, this.#plan));
    return { loss, gradients: readGradients(this.#arena, this.#plan) };
  }

  logits(images: Uint8Array, arithmetic: Arithmetic): Float32Array {
    const logits = new Float32Array((images.length / this.#imageBytes) * this.#classes);
    this.#evaluate(images, arithmetic, (first, count) => {
      logits.set(this.#viewLogits(count), first * this.#classes);
    });
    return logits;
  }

  readWeights(): Weights {
    return copyWeights(viewAllWeights(this.#arena, this.#plan));
  }

  writeWeights(weights: Weights): void {
    const merged = mergeWeights(viewAllWeights(this.#arena, this.#plan), weights);
    this.#sharing?.shareWeights(merged);
    storeWeights(this.#arena, this.#plan, merged);
    this.#step = 0;
  }

  calibrate(images: Uint8Array): void {
    const activations: Float32Array[][] = this.#plan.tensors.map(() => []);
    this.#evaluate(images, 'float', (_, count) => {
      this.#plan.layers.forEach(({ layer }, index) => {
        if (layer.kind === 'maxPool' || layer.kind === 'averagePool') return;
        activations[index + 1].push(gatherValues(this.#arena, this.#plan.tensors[index + 1], count));
      });
    });
    const ranges = activations.map((chunks) => activationRange(concatenate(chunks)));
    this.#scales = activationScales(this.architecture, this.#plan.shapes, ranges);
    this.#plan.tensors.forEach(({ scale }, tensor) => {
      this.#arena.viewFloats(scale, 1)[0] = this.#requireScales()[tensor];
    });
    // The constants of pools depend on scales alone, and `quantized` arithmetic uses them too.
    storeIntegers(this.#arena, this.#plan, this.#fold());
  }

  exportModel(name: string, provenance: Model['provenance']): Model {
    return { name, architecture: this.architecture, parameters: this.#fold().parameters, provenance };
  }

  /** Nothing to do: the memory goes with the last reference. */
  dispose(): void {}

  /** Forward and backward; the gradients stay in wasm memory. */
  #pass(
    batch: Batch,
    { arithmetic, labelSmoothing }: Pick<StepOptions, 'arithmetic' | 'labelSmoothing'>,
    train: boolean,
  ): number {
    const { labels, images } = batch;
    if (labels.length !== this.batchSize || images.length !== this.batchSize * this.#imageBytes) {
      throw new Error(
        `a batch has ${this.batchSize} images of ${this.#imageBytes} bytes, not ${labels.length} in ${images.length} bytes`,
      );
    }
    this.#arena.viewBytes(this.#plan.images, images.length).set(preprocess(this.architecture, images));
    const targets = classTargets(batch, this.#classes, labelSmoothing);
    this.#arena.viewFloats(this.#plan.targets, targets.length).set(targets);
    this.#prepare(arithmetic, arithmetic !== 'integer');
    return this.#kernels.gradients(this.#plan.address, ARITHMETICS[arithmetic], Number(train));
  }

  /** Forward with running statistics, as many images at once as a batch has. */
  #evaluate(images: Uint8Array, arithmetic: Arithmetic, use: (first: number, count: number) => void): void {
    const total = images.length / this.#imageBytes;
    if (!Number.isInteger(total)) {
      throw new Error(`${images.length} bytes are not a whole number of images of ${this.#imageBytes} bytes`);
    }
    this.#prepare(arithmetic, false);
    for (let first = 0; first < total; first += this.batchSize) {
      const count = Math.min(this.batchSize, total - first);
      const chunk = images.subarray(first * this.#imageBytes, (first + count) * this.#imageBytes);
      this.#arena.viewBytes(this.#plan.images, chunk.length).set(preprocess(this.architecture, chunk));
      this.#kernels.evaluate(this.#plan.address, ARITHMETICS[arithmetic], Math.ceil(count / LANES));
      use(first, count);
    }
  }

  #prepare(arithmetic: Arithmetic, batchStatistics: boolean): void {
    if (arithmetic === 'quantized') this.#requireScales();
    if (arithmetic === 'integer') storeIntegers(this.#arena, this.#plan, this.#fold());
    this.#kernels.prepare(this.#plan.address, ARITHMETICS[arithmetic], Number(batchStatistics));
  }

  #fold(): FoldedNetwork {
    const weights = viewAllWeights(this.#arena, this.#plan);
    return foldNetwork(this.architecture, this.#plan.shapes, weights, this.#requireScales());
  }

  #requireScales(): Float32Array {
    if (!this.#scales) throw new Error('quantized and integer arithmetic need activation scales: call calibrate first');
    return this.#scales;
  }

  #viewLogits(count: number): Float32Array {
    return this.#arena.viewFloats(this.#plan.logits, count * this.#classes);
  }
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
