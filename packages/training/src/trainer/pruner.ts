import type { Arithmetic, Batch, Network, Perturbation } from '../engine.ts';
import {
  channelImportance,
  pruneByMagnitude,
  pruneByScore,
  pruneChannels,
  VariationalDropout,
  type ChannelImportance,
  type PrunedNetwork,
} from '../pruning/index.ts';
import type { Pruning, Recipe } from './recipe.ts';
import { sparsityAt, STRUCTURED_PRUNING_AT, VARIATIONAL_UNTIL } from './schedule.ts';

/** Batches that say which channels matter. */
const IMPORTANCE_BATCHES = 40;
/** Steps of magnitude pruning: optimiser state starts anew at each, so not too many. */
const PRUNING_STEPS = 16;
/** Share of the noisy steps over which the divergence comes in, else it removes what has not learned yet. */
const WARM_UP = 1 / 3;

/** Decides what goes from a network while it is trained, and when. */
export class Pruner {
  readonly #pruning: Pruning;
  readonly #labelSmoothing: number;
  readonly #dropout: VariationalDropout | undefined;
  #step = 0;
  #isDone = false;

  /** `images`: of the training set. */
  constructor({ pruning, labelSmoothing }: Recipe, images: number, seed: number) {
    this.#pruning = pruning;
    this.#labelSmoothing = labelSmoothing;
    if (pruning.kind === 'variational') this.#dropout = new VariationalDropout('weights', images, seed);
    if (pruning.kind === 'groupVariational') this.#dropout = new VariationalDropout('channels', images, seed);
  }

  /** Noise for the next step, until what it tells has been used. */
  perturbationAt(fraction: number, arithmetic: Arithmetic): Perturbation | undefined {
    if (!this.#dropout || this.#isDone || arithmetic !== 'float') return undefined;
    this.#dropout.strength = Math.min(1, fraction / (WARM_UP * VARIATIONAL_UNTIL));
    return this.#dropout;
  }

  /** Single weights, in place. */
  pruneWeights(network: Network, fraction: number): void {
    const pruning = this.#pruning;
    if (pruning.kind === 'magnitude') {
      const step = Math.floor((sparsityAt(fraction, pruning.ratio) / pruning.ratio) * PRUNING_STEPS);
      if (step === this.#step) return;
      this.#step = step;
      network.writeWeights(pruneByMagnitude(network.readWeights(), (pruning.ratio * step) / PRUNING_STEPS));
    } else if (pruning.kind === 'variational' && this.#dropout && this.#isDue(fraction, VARIATIONAL_UNTIL)) {
      const weights = network.readWeights();
      network.writeWeights(pruneByScore(weights, this.#dropout.importance(weights), pruning.ratio));
    }
  }

  /** The smaller network, once channels are to go; `batches` may be asked for what matters. */
  pruneChannels(
    network: Network,
    fraction: number,
    arithmetic: Arithmetic,
    batches: () => Iterable<Batch>,
  ): PrunedNetwork | undefined {
    const pruning = this.#pruning;
    const remove = (importance: ChannelImportance, ratio: number): PrunedNetwork =>
      pruneChannels(network.architecture, network.readWeights(), importance, ratio);
    if (pruning.kind === 'structured' && this.#isDue(fraction, STRUCTURED_PRUNING_AT)) {
      const some = take(batches(), IMPORTANCE_BATCHES);
      return remove(
        channelImportance(network, some, { arithmetic, labelSmoothing: this.#labelSmoothing }),
        pruning.ratio,
      );
    }
    if (pruning.kind === 'groupVariational' && this.#dropout && this.#isDue(fraction, VARIATIONAL_UNTIL)) {
      return remove(this.#dropout.importance(network.readWeights()), pruning.ratio);
    }
    return undefined;
  }

  /** Once. */
  #isDue(fraction: number, when: number): boolean {
    if (this.#isDone || fraction < when) return false;
    this.#isDone = true;
    return true;
  }
}

function* take<Value>(values: Iterable<Value>, count: number): Generator<Value> {
  for (const value of values) {
    if (count-- === 0) return;
    yield value;
  }
}
