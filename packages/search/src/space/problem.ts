import { predictArchitecture } from '@sparrow/codegen';
import { ModelError, type Architecture, type Shape } from '@sparrow/model';
import type { Preference, Problem, SearchSpace } from '@sparrow/optimizer';
import { predictedCost, type ChipCost } from '../evaluation/chip-cost.ts';
import { meets, rankForGoal, type Goal } from '../goals.ts';
import { latestOfEachLineage, ratingOf } from '../trials.ts';
import { architectureOf } from './architecture.ts';
import { prunesChannels, prunesWeights, type Block, type Configuration } from './configuration.ts';
import { encodeConfiguration } from './encode.ts';
import { estimateCost } from './estimate.ts';
import type { Limits } from './limits.ts';
import { mutateConfiguration } from './mutate.ts';
import { sampleConfiguration } from './sample.ts';
import { widestThatFits } from './width.ts';

/** What is searched over and for: validation error, flash, RAM and cycles of networks that fit the chip. */
export interface NetworkProblem extends Problem<Configuration> {
  readonly architecture: (configuration: Configuration) => Architecture;
}

const attempts = 2_000;

/** Who waits for longer than a second? */
const LONGEST_CYCLES = 16_000_000;

/** How far estimates may be above what a network takes in the end; that of RAM is exact. */
const TOLERANCE = { flashBytes: 1.25, modelBytes: 1.02, milliseconds: 1.1 } as const;

/**
 * Networks for images of `input` and `classes` classes within `limits`. Samples and mutations have valid shapes, and are not
 * bound to exceed the limits.
 */
export function networkProblem(
  input: Shape,
  classes: number,
  limits: Limits,
  goals: readonly Goal[] = [],
): NetworkProblem {
  const architecture = (configuration: Configuration) => architectureOf(configuration, input, classes);
  const costOf = (configuration: Configuration) => estimate(configuration, architecture);
  const isCandidate = (configuration: Configuration) => mayFit(costOf(configuration), limits);

  const drawCandidate = (draw: () => Configuration): Configuration | undefined => {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const configuration = draw();
      if (isCandidate(configuration)) return configuration;
    }
    return undefined;
  };
  const sample = (random: () => number): Configuration => {
    const candidate = drawCandidate(() => sampleConfiguration(random));
    if (candidate === undefined) {
      throw new Error(
        `none of ${attempts} random networks fits ${limits.ramBytes} B of RAM and ${limits.flashBytes} B of flash: allow more`,
      );
    }
    return candidate;
  };
  // A change of training alone is a change too, now and then; one that does nothing (the stride of a pointwise block) is none.
  const mutant = (configuration: Configuration, random: () => number): Configuration => {
    const before = JSON.stringify([architecture(configuration), configuration.pruning]);
    for (;;) {
      const mutated = mutateConfiguration(configuration, random);
      const changesNetwork = JSON.stringify([architecture(mutated), mutated.pruning]) !== before;
      if (changesNetwork || random() < 0.05) return mutated;
    }
  };
  const space: SearchSpace<Configuration> = {
    sample,
    mutate: (configuration, random) => drawCandidate(() => mutant(configuration, random)) ?? sample(random),
    encode: (configuration) => encodeConfiguration(configuration, architecture(configuration)),
  };
  return {
    space,
    architecture,
    preferences: goals.map((goal) => preferenceFor(goal, limits, costOf, architecture)),
    objectives: [
      { name: 'error', reference: 0.2, scale: 'log' },
      { name: 'flashBytes', reference: limits.flashBytes, scale: 'log' },
      { name: 'ramBytes', reference: limits.ramBytes, scale: 'log' },
      { name: 'cycles', reference: LONGEST_CYCLES, scale: 'log' },
    ],
    constraints: ['ramOverflowBytes', 'flashOverflowBytes'],
  };
}

function preferenceFor(
  goal: Goal,
  limits: Limits,
  costOf: (configuration: Configuration) => ChipCost | undefined,
  architecture: (configuration: Configuration) => Architecture,
): Preference<Configuration> {
  const generousGoal = generous(goal);
  const generousLimits = generous(limits);
  const admits = (configuration: Configuration): boolean => {
    const cost = costOf(configuration);
    return cost !== undefined && cost.macs <= limits.macs && meets(generousGoal, generousLimits, cost);
  };
  return {
    name: goal.name,
    rank: (trials) => rankForGoal(goal, limits, latestOfEachLineage(trials), ratingOf),
    admits,
    turns: isCheap(goal) ? 2 : 1,
    sample: (random) => {
      const configuration = sampleConfiguration(random);
      return widestThatFits(configuration, admits) ?? configuration;
    },
    promise: (configuration) => promiseOf(configuration, costOf(configuration)),
    // Only time is worth it. How small a network gets whose channels are pruned, nobody knows before.
    confirms: (configuration) =>
      goal.milliseconds === undefined ||
      prunesChannels(configuration.pruning) ||
      meets(goal, limits, predict(architecture(configuration), configuration)),
  };
}

/** Small and fast networks train in half of the time: for the same time, twice as many. */
function isCheap({ modelBytes = Infinity, milliseconds = Infinity }: Goal): boolean {
  return modelBytes <= 2048 || milliseconds <= 20;
}

/** More parameters than so many hardly help. */
const PLENTY_OF_BYTES = 4096;

/**
 * What a regression of the validation error of 150 random networks, for the four usual goals, says of networks that fill a goal: more
 * work helps, and more parameters where they are few; separable blocks, coarse weights and a global average cost. Depth says little.
 */
function promiseOf({ blocks, head }: Configuration, cost: ChipCost | undefined): number {
  if (cost === undefined) return -Infinity;
  const share = (has: (block: Block) => boolean): number => blocks.filter(has).length / blocks.length;
  const size = 0.25 * Math.log(cost.macs) + 0.3 * Math.log(Math.min(cost.modelBytes, PLENTY_OF_BYTES));
  const separable = share(({ kind }) => kind !== 'conv');
  const coarse = share(({ weightBits }) => weightBits < 8);
  return size - separable - 0.4 * coarse - (head === 'globalAverage' ? 0.15 : 0);
}

/** Leaves room for estimates to be wrong. */
function generous<Bounds extends Partial<Record<keyof typeof TOLERANCE, number>>>(bounds: Bounds): Bounds {
  const scaled = Object.entries(TOLERANCE)
    .filter(([name]) => bounds[name as keyof typeof TOLERANCE] !== undefined)
    .map(([name, factor]) => [name, factor * bounds[name as keyof typeof TOLERANCE]!]);
  return { ...bounds, ...Object.fromEntries(scaled) };
}

function estimate(
  configuration: Configuration,
  architecture: (configuration: Configuration) => Architecture,
): ChipCost | undefined {
  try {
    return estimateCost(architecture(configuration), sparsityOf(configuration));
  } catch (error) {
    if (error instanceof ModelError) return undefined;
    throw error;
  }
}

function predict(architecture: Architecture, configuration: Configuration): ChipCost {
  return predictedCost(predictArchitecture(architecture, sparsityOf(configuration)));
}

function sparsityOf({ pruning }: Configuration): number {
  return prunesWeights(pruning) ? pruning.ratio : 0;
}

function mayFit(cost: ChipCost | undefined, limits: Limits): boolean {
  return (
    cost !== undefined &&
    cost.macs <= limits.macs &&
    cost.flashBytes <= limits.flashBytes * TOLERANCE.flashBytes &&
    cost.ramBytes <= limits.ramBytes
  );
}
