import type { Architecture } from '@sparrow/model';
import type { Measurement } from '@sparrow/hil';
import type { Configuration } from '../space/configuration.ts';

/** How much training a rung of successive halving, or the final training, gets. */
export interface Effort {
  /** Training images, the first of a seeded permutation. */
  readonly images: number;
  readonly epochs: number;
}

export interface Job {
  readonly name: string;
  readonly architecture: Architecture;
  readonly configuration: Configuration;
  readonly effort: Effort;
  readonly seed: number;
  /** Encoded weights of `architecture` to go on from; without them training starts afresh. */
  readonly weights?: Uint8Array;
  /** Whether `configuration.pruning` is still to be done; once done, `architecture` is the smaller network. */
  readonly prune: boolean;
  /** Validation images that the emulated chip computes to measure cycles and stack. */
  readonly measuredImages: number;
}

export interface JobProgress {
  /** Fraction of the training that is done. */
  readonly fraction: number;
  /** Validation accuracy so far, where it is known. */
  readonly validationAccuracy?: number;
}

export interface JobResult {
  /** Encoded, see `decodeModel` and `decodeWeights`. */
  readonly model: Uint8Array;
  readonly weights: Uint8Array;
  /** Of the int8 model over the whole validation set. */
  readonly validationError: number;
  /** Of the float network over the whole validation set, to show what quantisation costs. */
  readonly floatError: number;
  /** On the emulated chip; undefined if the model does not fit, then `misfit` says why. */
  readonly measurement?: Measurement;
  readonly misfit?: string;
  readonly trainingMilliseconds: number;
}
