import { blockCount, choices, type Block, type Configuration } from './configuration.ts';
import { change, integer, pick, step, uniform, type Random } from './random-choice.ts';
import { sampleBlock, samplePruning, trainingRanges } from './sample.ts';

type Mutation = (configuration: Configuration, random: Random) => Configuration;

const replaceBlock = (
  configuration: Configuration,
  random: Random,
  replace: (block: Block) => Block,
): Configuration => {
  const chosen = integer(0, configuration.blocks.length - 1, random);
  const replaced = configuration.blocks.map((block, i) => (i === chosen ? replace(block) : block));
  return { ...configuration, blocks: configuration.frugal ? alike(replaced, chosen) : replaced };
};

/** Kernels go on being shared: what shapes them is that of the chosen block in all, but the first one's kernel is its own. */
function alike(blocks: readonly Block[], chosen: number): Block[] {
  const { filters, kernel, kind, weightBits } = blocks[chosen];
  return blocks.map((block, index) =>
    index === 0 || chosen === 0 ? { ...block, filters } : { ...block, filters, kernel, kind, weightBits },
  );
}

const blockMutations: readonly ((block: Block, random: Random) => Block)[] = [
  (block, random) => ({ ...block, filters: step(choices.filters, block.filters, random) }),
  (block, random) => ({ ...block, filters: step(choices.filters, block.filters, random) }),
  (block, random) => ({ ...block, kernel: change(choices.kernel, block.kernel, random) }),
  (block, random) => ({ ...block, kind: change(choices.blockKind, block.kind, random) }),
  (block, random) => ({ ...block, stride: change(choices.stride, block.stride, random) }),
  (block, random) => ({ ...block, padding: change(choices.padding, block.padding, random) }),
  (block, random) => ({ ...block, pool: change(choices.pool, block.pool, random) }),
  (block) => ({ ...block, residual: !block.residual }),
  (block, random) => ({ ...block, weightBits: change(choices.weightBits, block.weightBits, random) }),
  (block, random) => ({ ...block, accumulatorBits: change(choices.accumulatorBits, block.accumulatorBits, random) }),
];

const addBlock: Mutation = (configuration, random) => {
  if (configuration.blocks.length >= blockCount.maximum) return configuration;
  const blocks = [...configuration.blocks];
  const added = configuration.frugal ? pick(blocks.slice(1), random) : sampleBlock(random);
  blocks.splice(integer(0, blocks.length, random), 0, added);
  return { ...configuration, blocks };
};

const removeBlock: Mutation = (configuration, random) => {
  if (configuration.blocks.length <= blockCount.minimum) return configuration;
  const removed = integer(0, configuration.blocks.length - 1, random);
  return { ...configuration, blocks: configuration.blocks.filter((_, index) => index !== removed) };
};

const changeInputPool: Mutation = (configuration, random) => ({
  ...configuration,
  inputPool: change(choices.inputPool, configuration.inputPool, random),
});

const changeHead: Mutation = (configuration, random) =>
  random() < 0.5
    ? { ...configuration, head: change(choices.head, configuration.head, random) }
    : { ...configuration, headWeightBits: change(choices.weightBits, configuration.headWeightBits, random) };

/** Layers that share a kernel keep all of its channels, and have it in flash with its zeros. */
const changePruning: Mutation = (configuration, random) => {
  if (configuration.frugal) return configuration;
  const kind =
    random() < 0.5 ? configuration.pruning.kind : change(choices.pruning, configuration.pruning.kind, random);
  return { ...configuration, pruning: samplePruning(kind, random) };
};

const clamp = (value: number, [lowest, highest]: readonly [number, number]): number =>
  Math.min(highest, Math.max(lowest, value));

const changeSymmetry: Mutation = (configuration, random) => ({
  ...configuration,
  symmetry: change(choices.symmetry, configuration.symmetry, random),
});

const changeNormalisation: Mutation = (configuration) => ({
  ...configuration,
  normalised: !configuration.normalised,
});

const changeTraining: Mutation = (configuration, random) => {
  const { training } = configuration;
  const ranges = trainingRanges(configuration);
  const factor = () => Math.exp(uniform(-0.5, 0.5, random));
  const shift = (range: readonly [number, number]) => uniform(-0.25, 0.25, random) * (range[1] - range[0]);
  return {
    ...configuration,
    training: {
      learningRate: clamp(training.learningRate * factor(), ranges.learningRate),
      weightDecay: clamp(training.weightDecay * factor(), ranges.weightDecay),
      labelSmoothing: clamp(training.labelSmoothing + shift(ranges.labelSmoothing), ranges.labelSmoothing),
      augmentation: clamp(training.augmentation + shift(ranges.augmentation), ranges.augmentation),
    },
  };
};

const mutations: readonly Mutation[] = [
  ...blockMutations.map(
    (mutation): Mutation =>
      (configuration, random) =>
        replaceBlock(configuration, random, (block) => mutation(block, random)),
  ),
  addBlock,
  removeBlock,
  changeInputPool,
  changeHead,
  changePruning,
  changeTraining,
];

/** The last two have an effect on those alone, so that others are not left as they are more often. */
const frugalMutations: readonly Mutation[] = [...mutations, changeSymmetry, changeNormalisation];

/** One to three small changes; the result is within the space, whether it fits a chip or not. */
export function mutateConfiguration(configuration: Configuration, random: Random): Configuration {
  const changes = integer(1, 3, random);
  return Array.from({ length: changes }).reduce<Configuration>(
    (mutated) => pick(mutated.frugal ? frugalMutations : mutations, random)(mutated, random),
    configuration,
  );
}
