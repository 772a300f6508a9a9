import { blockCount, choices, type Block, type Configuration } from './configuration.ts';
import { ranges } from './sample.ts';

const ordinal = <T>(items: readonly T[], item: T): number => Math.max(0, items.indexOf(item)) / (items.length - 1);
const oneHot = <T>(items: readonly T[], item: T): number[] => items.map((candidate) => (candidate === item ? 1 : 0));
const linear = (value: number, [lowest, highest]: readonly [number, number]): number =>
  Math.min(1, Math.max(0, (value - lowest) / (highest - lowest)));
const logarithmic = (value: number, [lowest, highest]: readonly [number, number]): number =>
  linear(Math.log(value), [Math.log(lowest), Math.log(highest)]);

function encodeBlock(block: Block): number[] {
  return [
    ...oneHot(choices.blockKind, block.kind),
    logarithmic(block.filters, [choices.filters[0], choices.filters[choices.filters.length - 1]]),
    ...oneHot(choices.kernel, block.kernel),
    ordinal(choices.stride, block.stride),
    ordinal(choices.padding, block.padding),
    ...oneHot(choices.pool, block.pool),
    block.residual ? 1 : 0,
    ordinal(choices.weightBits, block.weightBits),
  ];
}

/** The configuration as a vector in [0, 1]^n of fixed length; dimensions of blocks that do not exist are NaN. */
export function encodeConfiguration(configuration: Configuration): number[] {
  const blocks = configuration.blocks.map(encodeBlock);
  const absent = new Array<number>(blocks[0].length).fill(NaN);
  const { training, pruning } = configuration;
  return [
    ordinal(choices.inputPool, configuration.inputPool),
    linear(configuration.blocks.length, [blockCount.minimum, blockCount.maximum]),
    ...Array.from({ length: blockCount.maximum }, (_, index) => blocks[index] ?? absent).flat(),
    ordinal(choices.head, configuration.head),
    ordinal(choices.weightBits, configuration.headWeightBits),
    pruning.kind === 'none' ? NaN : linear(pruning.ratio, [0, 0.9]),
    logarithmic(training.learningRate, ranges.learningRate),
    logarithmic(training.weightDecay, ranges.weightDecay),
    linear(training.labelSmoothing, ranges.labelSmoothing),
    linear(training.augmentation, ranges.augmentation),
  ];
}
