import type { Architecture, Shape } from '@sparrow/model';
import type { Problem, SearchSpace } from '@sparrow/optimizer';
import { architectureOf } from './architecture.ts';
import type { Configuration } from './configuration.ts';
import { encodeConfiguration } from './encode.ts';
import { mayFit, type Limits } from './limits.ts';
import { mutateConfiguration } from './mutate.ts';
import { sampleConfiguration } from './sample.ts';

/** What is searched over and for: validation error, flash, RAM and cycles of networks that fit the chip. */
export interface NetworkProblem extends Problem<Configuration> {
  readonly architecture: (configuration: Configuration) => Architecture;
}

const attempts = 2_000;

/**
 * Networks for images of `input` and `classes` classes within `limits`. Samples and mutations have valid shapes and are not
 * bound to exceed the limits.
 */
export function networkProblem(input: Shape, classes: number, limits: Limits): NetworkProblem {
  const architecture = (configuration: Configuration) => architectureOf(configuration, input, classes);
  const isCandidate = (configuration: Configuration) => mayFit(architecture(configuration), limits);

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
  const space: SearchSpace<Configuration> = {
    sample,
    mutate: (configuration, random) =>
      drawCandidate(() => mutateConfiguration(configuration, random)) ?? sample(random),
    encode: encodeConfiguration,
  };
  return {
    space,
    architecture,
    objectives: [
      { name: 'error', reference: 0.2 },
      { name: 'flashBytes', reference: limits.flashBytes, scale: 'log' },
      { name: 'ramBytes', reference: limits.ramBytes, scale: 'log' },
      { name: 'cycles', scale: 'log' },
    ],
    constraints: ['ramOverflowBytes', 'flashOverflowBytes'],
  };
}
