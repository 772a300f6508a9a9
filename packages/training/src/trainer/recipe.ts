import { hasNarrowMultipliers, type Architecture } from '@sparrow/model';

/** How a network is trained. Plain JSON, so that it can be stored beside the model. */
export interface Recipe {
  /** Passes over the training images, all phases together. */
  readonly epochs: number;
  /** Training images to use: the first of a permutation that the seed gives; all by default. */
  readonly images?: number;
  /** A multiple of 8. */
  readonly batchSize: number;
  readonly optimizer: 'sgd' | 'adam';
  /** The highest: it rises linearly over `warmUp`, then falls along a half cosine (Loshchilov and Hutter 2017). */
  readonly learningRate: number;
  /**
   * Fraction of the highest that it falls to. Adam's steps do not shrink with the gradient: what is left in the end keeps coarse weights
   * flipping between two integers.
   */
  readonly learningRateFloor: number;
  /** Fraction of all steps. */
  readonly warmUp: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly labelSmoothing: number;
  /** Whether the steps of weights of 4 and 2 bits are learned too, in `quantized` arithmetic; default no. */
  readonly learnsSteps?: boolean;
  readonly augmentation: Augmentation;
  readonly phases: Phases;
  readonly pruning: Pruning;
}

/** Largest random change of an image; every image of every epoch gets its own. All 0 leaves images as they are. */
export interface Augmentation {
  readonly shiftPixels: number;
  readonly rotateDegrees: number;
  /** 0.1: between 0.9 and 1.1 times the size. */
  readonly scaleFraction: number;
  /** Whether half of the images are mirrored, left to right; default no. */
  readonly mirrors?: boolean;
}

/** Fractions of all steps in `float` and in `quantized` arithmetic; the rest is trained in `integer`, see `Arithmetic`. */
export interface Phases {
  readonly float: number;
  readonly quantized: number;
}

export type Pruning =
  | { readonly kind: 'none' }
  /** Single weights: `ratio` of all weights is 0 in the end. */
  | { readonly kind: 'magnitude'; readonly ratio: number }
  /** Whole channels: `ratio` of all channels (filters, hidden units) is removed, the network becomes a smaller one. */
  | { readonly kind: 'structured'; readonly ratio: number }
  /** As `magnitude` and `structured`, but what goes is what noise does not harm, see `VariationalDropout`. */
  | { readonly kind: 'variational'; readonly ratio: number }
  | { readonly kind: 'groupVariational'; readonly ratio: number };

export function prunesChannels({ kind }: Pick<Pruning, 'kind'>): boolean {
  return kind === 'structured' || kind === 'groupVariational';
}

/** What MNIST-sized networks train well with. */
export const defaultRecipe: Recipe = {
  epochs: 10,
  batchSize: 64,
  optimizer: 'adam',
  learningRate: 0.006,
  learningRateFloor: 1e-4,
  warmUp: 0.05,
  momentum: 0.9,
  weightDecay: 1e-3,
  labelSmoothing: 0.02,
  augmentation: { shiftPixels: 2, rotateDegrees: 10, scaleFraction: 0.1 },
  phases: { float: 0.5, quantized: 0.35 },
  pruning: { kind: 'none' },
};

/**
 * Weights of layers whose multipliers are floats of a byte are the same in the chip's integers, and have nothing to learn there. Fixed statistics
 * would let each weight that goes from one integer to the next shift its channel as a whole, which batch statistics take away.
 */
const PHASES_OF_BYTE_FLOATS: Phases = { float: 0.4, quantized: 0.6 };

/** What an architecture trains well with. */
export function phasesFor({ layers }: Architecture): Phases {
  return layers.some(hasNarrowMultipliers) ? PHASES_OF_BYTE_FLOATS : defaultRecipe.phases;
}

/** @throws Error that names the setting that is out of its range, and the range */
export function checkRecipe(recipe: Recipe): void {
  const { phases, pruning } = recipe;
  const ranges: readonly (readonly [name: string, value: number, minimum: number, maximum: number])[] = [
    ['epochs', recipe.epochs, 1, Infinity],
    ['images', recipe.images ?? recipe.batchSize, recipe.batchSize, Infinity],
    ['learningRate', recipe.learningRate, Number.MIN_VALUE, Infinity],
    ['learningRateFloor', recipe.learningRateFloor, 0, 1],
    ['warmUp', recipe.warmUp, 0, 1],
    ['labelSmoothing', recipe.labelSmoothing, 0, 1],
    ['phases.float', phases.float, 0, 1],
    ['phases.quantized', phases.quantized, 0, 1 - phases.float],
    ['pruning.ratio', pruning.kind === 'none' ? 0 : pruning.ratio, 0, 0.99],
  ];
  for (const [name, value, minimum, maximum] of ranges) {
    if (value >= minimum && value <= maximum) continue;
    throw new Error(`recipe: ${name} is ${value}; it must be at least ${minimum} and at most ${maximum}`);
  }
}
