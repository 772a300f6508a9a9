import type { Architecture, Shape } from '@sparrow/model';
import type { Problem, SearchSpace } from '@sparrow/optimizer';
import type { ChipCost } from '../evaluation/chip-cost.ts';
import type { Goal } from '../goals.ts';
import { architectureOf } from './architecture.ts';
import { estimatedCost } from './configuration-cost.ts';
import type { Configuration } from './configuration.ts';
import { encodeConfiguration } from './encode.ts';
import type { Limits } from './limits.ts';
import { mutateConfiguration } from './mutate.ts';
import { preferenceFor, TOLERANCE } from './preference.ts';
import { sampleConfiguration } from './sample.ts';

/** What is searched over and for: validation error, flash, RAM and cycles of networks that fit the chip. */
export interface NetworkProblem extends Problem<Configuration> {
  readonly architecture: (configuration: Configuration) => Architecture;
}

const attempts = 2_000;

/** Who waits for longer than a second? */
const LONGEST_CYCLES = 16_000_000;

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
  const isCandidate = (configuration: Configuration) => mayFit(estimatedCost(configuration, architecture), limits);

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
    preferences: goals.map((goal) => preferenceFor(goal, limits, architecture)),
    objectives: [
      { name: 'error', reference: 0.2, scale: 'log' },
      { name: 'flashBytes', reference: limits.flashBytes, scale: 'log' },
      { name: 'ramBytes', reference: limits.ramBytes, scale: 'log' },
      { name: 'cycles', reference: LONGEST_CYCLES, scale: 'log' },
    ],
    constraints: ['ramOverflowBytes', 'flashOverflowBytes'],
  };
}

function mayFit(cost: ChipCost | undefined, limits: Limits): boolean {
  return (
    cost !== undefined &&
    cost.macs <= limits.macs &&
    cost.flashBytes <= limits.flashBytes * TOLERANCE.flashBytes &&
    cost.ramBytes <= limits.ramBytes
  );
}
