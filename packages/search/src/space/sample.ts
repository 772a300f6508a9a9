import { blockCount, choices, type Block, type Configuration } from './configuration.ts';
import { integer, logUniform, pick, uniform, weighted, type Random } from './random-choice.ts';

/** Ranges of the continuous dimensions; mutation and encoding use them too. */
export const ranges = {
  learningRate: [2e-3, 2e-2],
  weightDecay: [1e-6, 1e-3],
  labelSmoothing: [0, 0.1],
  augmentation: [0.2, 0.9],
  pruningRatio: {
    structured: [0.1, 0.5],
    groupVariational: [0.1, 0.5],
    magnitude: [0.3, 0.8],
    variational: [0.3, 0.8],
  },
} as const;

export function sampleBlock(random: Random): Block {
  return {
    kind: weighted(
      [
        ['conv', 8],
        ['separable', 2],
        ['pointwise', 0.5],
      ],
      random,
    ),
    filters: pick(choices.filters, random),
    kernel: weighted(
      [
        ['3x3', 16],
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
        [1, 6],
        [2, 1],
      ],
      random,
    ),
    padding: pick(choices.padding, random),
    pool: weighted(
      [
        ['none', 2],
        ['max', 2],
        ['average', 0.5],
      ],
      random,
    ),
    residual: random() < 0.2,
    weightBits: weighted(
      [
        [8, 5],
        [4, 3],
        [2, 0.5],
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
  const [lowest, highest] = ranges.pruningRatio[kind];
  return { kind, ratio: uniform(lowest, highest, random) };
}

/** A point of the space, whether it fits a chip or not. Filters grow with depth more often than not, as in most good networks. */
export function sampleConfiguration(random: Random): Configuration {
  const blocks = Array.from({ length: integer(blockCount.minimum, 4, random) }, () => sampleBlock(random));
  if (random() < 0.7) {
    const filters = blocks.map((block) => block.filters).sort((a, b) => a - b);
    blocks.forEach((block, index) => (block.filters = filters[index]));
  }
  const pruningKind = weighted(
    [
      ['none', 4],
      ['structured', 0.5],
      ['groupVariational', 0.5],
      ['magnitude', 0.5],
      ['variational', 0.5],
    ],
    random,
  );
  return {
    inputPool: pick(choices.inputPool, random),
    blocks,
    head: pick(choices.head, random),
    headWeightBits: weighted(
      [
        [8, 3],
        [4, 1],
      ],
      random,
    ),
    pruning: samplePruning(pruningKind, random),
    training: {
      learningRate: logUniform(...ranges.learningRate, random),
      weightDecay: logUniform(...ranges.weightDecay, random),
      labelSmoothing: uniform(...ranges.labelSmoothing, random),
      augmentation: uniform(...ranges.augmentation, random),
    },
  };
}
