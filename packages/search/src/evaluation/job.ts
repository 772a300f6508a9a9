import type { Architecture } from '@sparrow/model';
import type { Configuration } from '../space/configuration.ts';
import type { Limits } from '../space/limits.ts';
import type { ChipCost } from './chip-cost.ts';

/** How much training a rung of successive halving, or the final training, gets. */
export interface Effort {
  /** Training images, the first of a seeded permutation. */
  readonly images: number;
  readonly epochs: number;
  /** Validation images that the chip computes; with 0 costs are predicted instead. */
  readonly measuredImages: number;
}

export interface Job {
  readonly name: string;
  readonly architecture: Architecture;
  readonly configuration: Configuration;
  readonly limits: Limits;
  readonly effort: Effort;
  readonly seed: number;
  readonly start: Start;
}

/** Files' contents, see `decodeModel` and `decodeWeights`. */
export interface StoredNetwork {
  readonly model: Uint8Array;
  readonly weights: Uint8Array;
}

export type Start =
  | { readonly kind: 'afresh' }
  /** From the weights of a network that is similar. */
  | ({ readonly kind: 'inherit' } & StoredNetwork)
  /** From the weights of this very network, which is pruned already. */
  | ({ readonly kind: 'continue' } & StoredNetwork);

export interface JobProgress {
  /** Fraction of the training that is done. */
  readonly fraction: number;
  /** Validation accuracy so far, where it is known. */
  readonly validationAccuracy?: number;
}

export type JobResult = TrainedResult | Misfit;

export interface TrainedResult extends StoredNetwork {
  readonly kind: 'trained';
  /** Of the int8 model over the whole validation set. */
  readonly validationError: number;
  /** Of the float network over the whole validation set, to show what quantisation costs. */
  readonly floatError: number;
  readonly cost: ChipCost;
  /** Whether the cost was measured on a chip; else it is what the generator predicts. */
  readonly isMeasured: boolean;
  /** The board that it was measured on, if it was not the emulated chip. */
  readonly device?: string;
  readonly trainingMilliseconds: number;
}

/** The network does not fit the chip. */
export interface Misfit {
  readonly kind: 'misfit';
  readonly reason: string;
}
