import { predictArchitecture } from '@sparrow/codegen';
import { ModelError, type Architecture } from '@sparrow/model';
import { predictedCost, type ChipCost } from '../evaluation/chip-cost.ts';
import { prunesWeights, type Configuration } from './configuration.ts';
import { estimateCost } from './estimate.ts';

/** Of a configuration, for the images and classes of a dataset. */
export type ArchitectureOf = (configuration: Configuration) => Architecture;

/** What it will about take, see `estimateCost`; `undefined` if its network is not possible. */
export function estimatedCost(configuration: Configuration, architectureOf: ArchitectureOf): ChipCost | undefined {
  try {
    return estimateCost(architectureOf(configuration), sparsityOf(configuration));
  } catch (error) {
    if (error instanceof ModelError) return undefined;
    throw error;
  }
}

/** What it will take by the generator's own knowledge, in tens of milliseconds: see `predictArchitecture`. */
export function foreseenCost(configuration: Configuration, architectureOf: ArchitectureOf): ChipCost {
  return predictedCost(predictArchitecture(architectureOf(configuration), sparsityOf(configuration)));
}

function sparsityOf({ pruning }: Configuration): number {
  return prunesWeights(pruning) ? pruning.ratio : 0;
}
