import { blockCount, choices, type Block, type Configuration } from './configuration.ts';
import { integer, logUniform, pick, uniform, weighted, type Random } from './random-choice.ts';

/** Ranges of the continuous dimensions; mutation and encoding use them too. */
export const ranges = {
  learningRate: [2e-3, 2e-2],
  weightDecay: [1e-6, 1e-3],
  labelSmoothing: [0, 0.1],
  augmentation: [0.2, 1],
  pruningRatio: [0.1, 0.5],
} as const;

export function sampleBlock(random: Random): Block {
  return {
    kind: weighted(
      [
        ['conv', 6],
        ['separable', 2],
        ['pointwise', 1],
      ],
      random,
    ),
    filters: pick(choices.filters, random),
    kernel: weighted(
      [
        ['3x3', 8],
        ['5x5', 2],
        ['1x3', 1],
        ['3x1', 1],
        ['1x5', 0.5],
        ['5x1', 0.5],
        ['2x2', 1],
        ['4x4', 1],
      ],
      random,
    ),
    stride: weighted(
      [
        [1, 4],
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
        [8, 3],
        [4, 1],
      ],
      random,
    ),
  };
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
      ['none', 3],
      ['structured', 1],
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
    pruning: { kind: pruningKind, ratio: pruningKind === 'none' ? 0 : uniform(...ranges.pruningRatio, random) },
    training: {
      learningRate: logUniform(...ranges.learningRate, random),
      weightDecay: logUniform(...ranges.weightDecay, random),
      labelSmoothing: uniform(...ranges.labelSmoothing, random),
      augmentation: uniform(...ranges.augmentation, random),
    },
  };
}
