import type { Architecture } from '@sparrow/model';
import { prunesChannels } from '@sparrow/training';
import { blockCount, choices, kernelSize, prunesWeights, type Block, type Configuration } from './configuration.ts';
import { estimateCost } from './estimate.ts';
import { trainingRanges } from './sample.ts';

type Range = readonly [lowest: number, highest: number];

const ordinal = <T>(items: readonly T[], item: T): number => Math.max(0, items.indexOf(item)) / (items.length - 1);
const linear = (value: number, [lowest, highest]: Range): number =>
  Math.min(1, Math.max(0, (value - lowest) / (highest - lowest)));
const logarithmic = (value: number, [lowest, highest]: Range): number =>
  linear(Math.log(value), [Math.log(lowest), Math.log(highest)]);

/** A pointwise block has neither window nor stride nor padding of its own. */
function encodeBlock(block: Block): number[] {
  const isPointwise = block.kind === 'pointwise';
  const kernel = isPointwise ? { height: 1, width: 1 } : kernelSize(block.kernel);
  return [
    block.kind === 'separable' ? 1 : 0,
    logarithmic(block.filters, [choices.filters[0], choices.filters[choices.filters.length - 1]]),
    linear(kernel.height, [1, 5]),
    linear(kernel.width, [1, 5]),
    isPointwise ? 0 : ordinal(choices.stride, block.stride),
    isPointwise ? 0 : ordinal(choices.padding, block.padding),
    block.pool === 'none' ? 0 : 1,
    block.pool === 'max' ? 1 : 0,
    block.residual ? 1 : 0,
    ordinal(choices.weightBits, block.weightBits),
    ordinal(choices.accumulatorBits, block.accumulatorBits),
  ];
}

/** What accuracy depends on most, whatever it is made of. */
function encodeSize(architecture: Architecture): number[] {
  const { macs, modelBytes, ramBytes } = estimateCost(architecture);
  return [logarithmic(macs, [3e3, 8e5]), logarithmic(modelBytes, [300, 3e4]), logarithmic(ramBytes, [200, 2048])];
}

/** The configuration as a vector in [0, 1]^n of fixed length; dimensions of blocks that do not exist are NaN. */
export function encodeConfiguration(configuration: Configuration, architecture: Architecture): number[] {
  const blocks = configuration.blocks.map(encodeBlock);
  const absent = new Array<number>(blocks[0].length).fill(NaN);
  const { training, pruning } = configuration;
  const ranges = trainingRanges(configuration);
  return [
    ...encodeSize(architecture),
    ordinal(choices.inputPool, configuration.inputPool),
    linear(configuration.blocks.length, [blockCount.minimum, blockCount.maximum]),
    ...Array.from({ length: blockCount.maximum }, (_, index) => blocks[index] ?? absent).flat(),
    configuration.frugal ? (1 + choices.symmetry.indexOf(configuration.symmetry)) / choices.symmetry.length : 0,
    architecture.preprocessing === undefined ? 0 : 1,
    ordinal(choices.head, configuration.head),
    ordinal(choices.weightBits, configuration.headWeightBits),
    prunesChannels(pruning) ? linear(pruning.ratio, [0, 0.9]) : NaN,
    prunesWeights(pruning) ? linear(pruning.ratio, [0, 0.9]) : NaN,
    pruning.kind === 'variational' || pruning.kind === 'groupVariational' ? 1 : 0,
    logarithmic(training.learningRate, ranges.learningRate),
    logarithmic(training.weightDecay, ranges.weightDecay),
    linear(training.labelSmoothing, ranges.labelSmoothing),
    linear(training.augmentation, ranges.augmentation),
  ];
}
