import type { Preference } from '@sparrow/optimizer';
import { prunesChannels } from '@sparrow/training';
import type { ChipCost } from '../evaluation/chip-cost.ts';
import { meets, rankForGoal, type Goal } from '../goals.ts';
import { latestOfEachLineage, ratingOf } from '../trials.ts';
import { estimatedCost, foreseenCost, type ArchitectureOf } from './configuration-cost.ts';
import { type Block, type Configuration } from './configuration.ts';
import type { Limits } from './limits.ts';
import type { Random } from './random-choice.ts';
import { sampleConfiguration, sampleFrugal, withCoarseWeights } from './sample.ts';
import { widestThatFits } from './width.ts';

/** How far estimates may be above what a network takes in the end; that of RAM is exact. */
export const TOLERANCE = { flashBytes: 1.25, modelBytes: 1.02, milliseconds: 1.1 } as const;

/** What samplers are told of a goal. */
export function preferenceFor(goal: Goal, limits: Limits, architectureOf: ArchitectureOf): Preference<Configuration> {
  const generousGoal = generous(goal);
  const generousLimits = generous(limits);
  const admits = (configuration: Configuration): boolean => {
    const cost = estimatedCost(configuration, architectureOf);
    return cost !== undefined && cost.macs <= limits.macs && meets(generousGoal, generousLimits, cost);
  };
  return {
    name: goal.name,
    rank: (trials) => rankForGoal(goal, limits, latestOfEachLineage(trials), ratingOf),
    admits,
    turns: isCheap(goal) ? 2 : 1,
    sample: (random) => {
      const configuration = sampleFor(goal, random);
      return widestThatFits(configuration, admits) ?? configuration;
    },
    promise: (configuration) => promiseOf(configuration, estimatedCost(configuration, architectureOf)),
    // Only time is worth it. How small a network gets whose channels are pruned, nobody knows before.
    confirms: (configuration) =>
      goal.milliseconds === undefined ||
      prunesChannels(configuration.pruning) ||
      meets(goal, limits, foreseenCost(configuration, architectureOf)),
  };
}

/** With fewer bytes of parameters, many samples have all weights coarse. */
const FEW_BYTES = 2048;
const COARSE_SHARE = 0.5;
/** With fewer still, most share kernels. */
const FRUGAL_BYTES = 1024;
const FRUGAL_SHARE = 0.7;

function sampleFor({ modelBytes = Infinity }: Goal, random: Random): Configuration {
  if (modelBytes < FRUGAL_BYTES && random() < FRUGAL_SHARE) return sampleFrugal(random);
  const configuration = sampleConfiguration(random);
  return modelBytes <= FEW_BYTES && random() < COARSE_SHARE ? withCoarseWeights(configuration) : configuration;
}

/** Small and fast networks train in half of the time: for the same time, twice as many. */
function isCheap({ modelBytes = Infinity, milliseconds = Infinity }: Goal): boolean {
  return modelBytes <= FEW_BYTES || milliseconds <= 20;
}

/** More parameters than so many hardly help. */
const PLENTY_OF_BYTES = 4096;

/**
 * What a regression of the validation error of 150 random networks, for the four usual goals, says of networks that fill a goal: more
 * work helps, and more parameters where they are few; separable blocks, coarse weights and a global average cost. Depth says little.
 */
function promiseOf({ blocks, head, frugal }: Configuration, cost: ChipCost | undefined): number {
  if (cost === undefined) return -Infinity;
  const share = (has: (block: Block) => boolean): number => blocks.filter(has).length / blocks.length;
  const size = 0.25 * Math.log(cost.macs) + 0.3 * Math.log(Math.min(cost.modelBytes, PLENTY_OF_BYTES));
  const separable = share(({ kind }) => kind !== 'conv');
  // None of those was frugal: few bits and a global average are what such networks are made for.
  if (frugal) return size - separable;
  // Steps that are learned have halved what coarse weights cost since (docs/adr/0012).
  const coarse = share(({ weightBits }) => weightBits < 8);
  return size - separable - 0.2 * coarse - (head === 'globalAverage' ? 0.15 : 0);
}

/** Leaves room for estimates to be wrong. */
function generous<Bounds extends Partial<Record<keyof typeof TOLERANCE, number>>>(bounds: Bounds): Bounds {
  const scaled = Object.entries(TOLERANCE)
    .filter(([name]) => bounds[name as keyof typeof TOLERANCE] !== undefined)
    .map(([name, factor]) => [name, factor * bounds[name as keyof typeof TOLERANCE]!]);
  return { ...bounds, ...Object.fromEntries(scaled) };
}
