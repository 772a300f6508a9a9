import type { Dataset, Split } from '@sparrow/datasets';
import type { Architecture, Model } from '@sparrow/model';
import type { Arithmetic, Engine, Network, Weights } from '../engine.ts';
import { type Ancestor, inheritWeights } from '../inheritance.ts';
import { checkUnshared } from '../pruning/index.ts';
import { countCorrect } from '../targets.ts';
import { Batches } from './batches.ts';
import { Pruner } from './pruner.ts';
import { checkRecipe, prunesChannels, type Recipe } from './recipe.ts';
import { arithmeticAt, learningRateAt } from './schedule.ts';
import { Teacher } from './teacher.ts';
import { WeightAverage } from './weight-average.ts';

export type TrainingData = Pick<Dataset, 'name' | 'height' | 'width' | 'channels' | 'train' | 'validation'>;

export interface TrainingOptions {
  readonly engine: Engine;
  readonly architecture: Architecture;
  readonly dataset: TrainingData;
  readonly recipe: Recipe;
  readonly seed: number;
  /** Weights of `architecture` to go on from; without them training starts afresh. */
  readonly from?: Weights;
  /** A similar network to start from, see `inheritWeights`. */
  readonly ancestor?: Ancestor;
  /** A better network to learn from; it should be float-trained on the same classes. */
  readonly teacher?: Ancestor;
  /** Of the model; default the dataset's. */
  readonly name?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainingProgress) => void;
}

/** Told after each epoch. */
export interface TrainingProgress {
  /** Epochs done, of so many. */
  readonly epoch: number;
  readonly epochs: number;
  /** Mean cross-entropy of the epoch's batches. */
  readonly loss: number;
  /** Of the epoch's augmented images. */
  readonly trainAccuracy: number;
  /** Of the whole validation split, in the arithmetic that the epoch ended with. */
  readonly validationAccuracy: number;
  readonly arithmetic: Arithmetic;
}

export interface TrainedNetwork {
  /** Its architecture is smaller than what was asked for where channels were pruned. */
  readonly model: Model;
  readonly weights: Weights;
  /** Of the exported integers over the validation split. */
  readonly validationAccuracy: number;
  /** Of the same weights, not rounded, in float: what quantisation costs is the difference. */
  readonly floatAccuracy: number;
  readonly history: readonly TrainingProgress[];
}

/** Images that activation scales are chosen from. */
const CALIBRATION_IMAGES = 512;
/** Enough for the running average to forget those of weights before. */
const STATISTICS_BATCHES = 100;
/** Steps in integer arithmetic between two that count for the average. */
const AVERAGING_PERIOD = 8;

/**
 * Trains a network: in float, then with everything rounded, then in the integers of the chip, pruning on the way.
 * Chooses nothing by the test split; it never sees it. The same options give the same model.
 *
 * @throws Error if the recipe is out of range, the weights do not belong to the architecture, channels shall go from tied layers; what
 * `signal` was aborted with
 */
export async function trainModel(options: TrainingOptions): Promise<TrainedNetwork> {
  checkRecipe(options.recipe);
  if (prunesChannels(options.recipe.pruning)) checkUnshared(options.architecture);
  const run = await TrainingRun.start(options);
  try {
    for (let epoch = 0; epoch < options.recipe.epochs; epoch++) {
      const progress = await run.epoch(epoch);
      options.onProgress?.(progress);
    }
    return run.result();
  } finally {
    run.dispose();
  }
}

/** The fraction of images whose largest logit is their label's. */
export function accuracy(network: Network, { images, labels, count }: Split, arithmetic: Arithmetic): number {
  return countCorrect(network.logits(images, arithmetic), labels) / count;
}

class TrainingRun {
  readonly #options: TrainingOptions;
  readonly #batches: Batches;
  readonly #totalSteps: number;
  readonly #teacher: Teacher | undefined;
  readonly #pruner: Pruner;
  readonly #average = new WeightAverage();
  readonly #history: TrainingProgress[] = [];
  #network: Network;
  #arithmetic: Arithmetic = 'float';

  static async start(options: TrainingOptions): Promise<TrainingRun> {
    const { engine, architecture, recipe, seed, from, ancestor, teacher } = options;
    const network = await engine.createNetwork(architecture, { batchSize: recipe.batchSize, seed });
    if (ancestor) network.writeWeights(inheritWeights(architecture, network.readWeights(), ancestor));
    if (from) network.writeWeights(from);
    const loaded = teacher && (await Teacher.load(engine, teacher, recipe.batchSize));
    return new TrainingRun(options, network, loaded);
  }

  private constructor(options: TrainingOptions, network: Network, teacher: Teacher | undefined) {
    this.#options = options;
    this.#teacher = teacher;
    this.#network = network;
    this.#batches = new Batches(options.dataset.train, options.dataset, { ...options.recipe, seed: options.seed });
    this.#totalSteps = this.#batches.perEpoch * options.recipe.epochs;
    this.#pruner = new Pruner(options.recipe, this.#batches.perEpoch * options.recipe.batchSize, options.seed);
  }

  async epoch(epoch: number): Promise<TrainingProgress> {
    const { recipe, dataset, signal } = this.#options;
    let step = epoch * this.#batches.perEpoch;
    let loss = 0;
    let correct = 0;
    for (const batch of this.#batches.epoch(epoch)) {
      const fraction = step++ / this.#totalSteps;
      this.#pruner.pruneWeights(this.#network, fraction);
      await this.#pruneChannels(fraction, epoch);
      this.#enter(arithmeticAt(fraction, recipe.phases));
      const learningRate = learningRateAt(fraction, recipe);
      const lesson = this.#teacher?.teach(batch) ?? batch;
      const perturbation = this.#pruner.perturbationAt(fraction, this.#arithmetic);
      const options = { ...recipe, arithmetic: this.#arithmetic, learningRate, perturbation };
      const result = this.#network.trainStep(lesson, options);
      if (this.#arithmetic === 'integer' && step % AVERAGING_PERIOD === 0)
        this.#average.add(this.#network.readWeights());
      loss += result.loss;
      correct += result.correct;
    }
    // Lets messages in, and with them an abort.
    await new Promise(setImmediate);
    signal?.throwIfAborted();
    const progress: TrainingProgress = {
      epoch: epoch + 1,
      epochs: recipe.epochs,
      loss: loss / this.#batches.perEpoch,
      trainAccuracy: correct / (this.#batches.perEpoch * recipe.batchSize),
      validationAccuracy: accuracy(this.#network, dataset.validation, this.#arithmetic),
      arithmetic: this.#arithmetic,
    };
    this.#history.push(progress);
    return progress;
  }

  result(): TrainedNetwork {
    const { dataset, recipe, seed, name = dataset.name } = this.#options;
    if (this.#arithmetic === 'quantized') this.#averageStatistics();
    else this.#enter('integer');
    const validationAccuracy = this.#settle();
    const floatAccuracy = accuracy(this.#network, dataset.validation, 'float');
    const model = this.#network.exportModel(name, {
      dataset: dataset.name,
      seed,
      epochs: recipe.epochs,
      floatValidationAccuracy: floatAccuracy,
      validationAccuracy,
    });
    return { model, weights: this.#network.readWeights(), validationAccuracy, floatAccuracy, history: this.#history };
  }

  /** Takes the better of the last weights and their average, and tells its accuracy in the chip's integers. */
  #settle(): number {
    const { validation } = this.#options.dataset;
    if (this.#average.isEmpty) return accuracy(this.#network, validation, 'integer');
    // The last epoch has ended in integer arithmetic.
    const ofLast = this.#history[this.#history.length - 1].validationAccuracy;
    const last = this.#network.readWeights();
    this.#network.writeWeights(this.#average.mean());
    const ofAverage = accuracy(this.#network, validation, 'integer');
    if (ofAverage >= ofLast) return ofAverage;
    this.#network.writeWeights(last);
    return ofLast;
  }

  dispose(): void {
    this.#network.dispose();
    this.#teacher?.dispose();
  }

  /** Changes the arithmetic; activation scales are chosen for the weights as they are then. */
  #enter(arithmetic: Arithmetic): void {
    if (arithmetic === this.#arithmetic) return;
    this.#arithmetic = arithmetic;
    if (arithmetic !== 'float') this.#network.calibrate(this.#batches.calibrationImages(CALIBRATION_IMAGES));
  }

  /** Statistics that batch norm had of every batch become constants now: they are taken anew, of the weights as they are. */
  #averageStatistics(): void {
    const { recipe } = this.#options;
    let batches = STATISTICS_BATCHES;
    for (const batch of this.#batches.epoch(recipe.epochs)) {
      if (batches-- === 0) return;
      this.#network.trainStep(batch, { ...recipe, arithmetic: this.#arithmetic, learningRate: 0 });
    }
  }

  /** Goes on with a smaller network once channels are to go. */
  async #pruneChannels(fraction: number, epoch: number): Promise<void> {
    const { engine, seed, recipe } = this.#options;
    const pruned = this.#pruner.pruneChannels(this.#network, fraction, this.#arithmetic, () =>
      this.#batches.epoch(epoch),
    );
    if (!pruned) return;
    this.#network.dispose();
    this.#network = await engine.createNetwork(pruned.architecture, { batchSize: recipe.batchSize, seed });
    this.#network.writeWeights(pruned.weights);
    if (this.#arithmetic !== 'float') this.#network.calibrate(this.#batches.calibrationImages(CALIBRATION_IMAGES));
  }
}
