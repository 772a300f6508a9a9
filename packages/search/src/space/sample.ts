import { choices, type Block, type Configuration } from './configuration.ts';
import { pyramid } from './pyramid.ts';
import { integer, logUniform, pick, uniform, weighted, type Random } from './random-choice.ts';

type Range = readonly [lowest: number, highest: number];
type TrainingRanges = Readonly<Record<keyof Configuration['training'], Range>>;

const pruningRatios = {
  structured: [0.1, 0.5],
  groupVariational: [0.1, 0.5],
  magnitude: [0.3, 0.8],
  variational: [0.3, 0.8],
} as const;

const usualTraining: TrainingRanges = {
  learningRate: [7e-3, 1.6e-2],
  weightDecay: [1e-5, 2e-3],
  labelSmoothing: [0, 0.04],
  augmentation: [0.45, 0.85],
};

/** Some hundred weights learn what they can: nothing has to be made harder for them (docs/adr/0010). */
const frugalTraining: TrainingRanges = {
  learningRate: [2e-2, 8e-2],
  weightDecay: [1e-6, 1e-4],
  labelSmoothing: [0, 0.002],
  augmentation: [0, 0.3],
};

/** Ranges of the continuous dimensions of training; mutation and encoding use them too. */
export function trainingRanges({ frugal }: Pick<Configuration, 'frugal'>): TrainingRanges {
  return frugal ? frugalTraining : usualTraining;
}

export function sampleBlock(random: Random): Block {
  return {
    kind: weighted(
      [
        ['conv', 12],
        ['separable', 1],
        ['pointwise', 0.2],
      ],
      random,
    ),
    filters: pick(choices.filters, random),
    kernel: weighted(
      [
        ['3x3', 30],
        ['5x5', 2],
        ['1x3', 0.5],
        ['3x1', 0.5],
        ['1x5', 0.3],
        ['5x1', 0.3],
        ['2x2', 1],
        ['4x4', 1],
      ],
      random,
    ),
    stride: weighted(
      [
        [1, 8],
        [2, 1],
      ],
      random,
    ),
    padding: weighted(
      [
        ['valid', 3],
        ['same', 1],
      ],
      random,
    ),
    pool: weighted(
      [
        ['none', 6],
        ['max', 4],
        ['average', 0.5],
      ],
      random,
    ),
    residual: random() < 0.1,
    weightBits: weighted(
      [
        [8, 10],
        [4, 2],
        [2, 0.1],
      ],
      random,
    ),
    accumulatorBits: weighted(
      [
        [16, 3],
        [24, 1],
      ],
      random,
    ),
  };
}

export function samplePruning(kind: Configuration['pruning']['kind'], random: Random): Configuration['pruning'] {
  if (kind === 'none') return { kind, ratio: 0 };
  const [lowest, highest] = pruningRatios[kind];
  return { kind, ratio: uniform(lowest, highest, random) };
}

/** Depth is what accuracy gains from most, as long as the chip has room for it. */
function sampleDepth(random: Random): number {
  return weighted(
    [
      [2, 1.5],
      [3, 2],
      [4, 3],
      [5, 3],
      [6, 1],
    ],
    random,
  );
}

/** Share of samples that are shaped like most good networks; the others may have any shape. */
const PYRAMIDS = 0.8;

/** A point of the space, whether it fits a chip or not. */
export function sampleConfiguration(random: Random): Configuration {
  const drawn = Array.from({ length: sampleDepth(random) }, () => sampleBlock(random));
  const blocks = random() < PYRAMIDS ? pyramid(drawn, random) : drawn;
  const pruningKind = weighted(
    [
      ['none', 6],
      ['structured', 0.5],
      ['groupVariational', 0.5],
      ['magnitude', 0.5],
      ['variational', 0.5],
    ],
    random,
  );
  return {
    inputPool: weighted(
      [
        [1, 2],
        [2, 1],
      ],
      random,
    ),
    blocks,
    frugal: false,
    normalised: false,
    symmetry: 'none',
    head: weighted(
      [
        ['dense', 3],
        ['globalAverage', 1],
      ],
      random,
    ),
    headWeightBits: weighted(
      [
        [8, 3],
        [4, 1],
      ],
      random,
    ),
    pruning: samplePruning(pruningKind, random),
    training: sampleTraining(usualTraining, random),
  };
}

/** The same with 4 bits for every weight. */
export function withCoarseWeights(configuration: Configuration): Configuration {
  const blocks = configuration.blocks.map((block): Block => ({ ...block, weightBits: 4 }));
  return { ...configuration, blocks, headWeightBits: 4 };
}

function sampleTraining(ranges: TrainingRanges, random: Random): Configuration['training'] {
  return {
    learningRate: logUniform(...ranges.learningRate, random),
    weightDecay: logUniform(...ranges.weightDecay, random),
    labelSmoothing: uniform(...ranges.labelSmoothing, random),
    augmentation: uniform(...ranges.augmentation, random),
  };
}

/** Blocks of a frugal network, and how many of them are pooled: its last map has one pixel or four, of 28 or 32 on a side. */
const [FRUGAL_DEPTH, FRUGAL_POOLS] = [6, 3] as const;

/** Kernels that can be rotated, for a first block. */
const SQUARES = ['3x3', '5x5'] as const;

/** Those that some hundred weights are enough for, by what filters are to each other. */
const frugalFilters = {
  none: [5, 6, 8, 10, 12, 14],
  mirror: [8, 10, 12, 14, 16],
  rotation: [12, 16, 20],
} as const satisfies Record<Configuration['symmetry'], readonly number[]>;

/**
 * A network of one width, whose blocks after the first share one kernel, many of them with their input added (docs/adr/0010), and whose filters
 * mostly are transforms of each other (docs/adr/0013). Half of them see normalised images (docs/adr/0014).
 */
export function sampleFrugal(random: Random): Configuration {
  const symmetry = weighted<Configuration['symmetry']>(
    [
      ['none', 1],
      ['mirror', 2],
      ['rotation', 2],
    ],
    random,
  );
  const filters = pick<number>(frugalFilters[symmetry], random);
  // Many channels fit into RAM at low resolutions alone, and sums of two tensors keep rows of both.
  const pooled = new Set<number>(symmetry === 'none' ? [] : [0, 1]);
  const residuals = symmetry === 'none' ? 0.7 : 0.2;
  while (pooled.size < FRUGAL_POOLS) pooled.add(integer(0, FRUGAL_DEPTH - 2, random));
  const blocks = Array.from({ length: FRUGAL_DEPTH }, (_, index): Block => {
    const isLast = index === FRUGAL_DEPTH - 1;
    return {
      kind: 'conv',
      filters,
      kernel: index > 0 ? '3x3' : symmetry === 'none' ? sampleBlock(random).kernel : pick(SQUARES, random),
      stride: 1,
      padding: isLast ? 'valid' : 'same',
      pool: pooled.has(index) ? 'max' : 'none',
      residual: index > 0 && !isLast && random() < residuals,
      weightBits: 4,
      accumulatorBits: 24,
    };
  });
  return {
    inputPool: 1,
    blocks,
    frugal: true,
    symmetry,
    normalised: random() < 0.5,
    head: 'globalAverage',
    headWeightBits: 4,
    pruning: { kind: 'none', ratio: 0 },
    training: sampleTraining(frugalTraining, random),
  };
}
