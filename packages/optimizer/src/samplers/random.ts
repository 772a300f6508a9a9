import { distinctFrom } from './distinct.ts';
import type { Problem, Sampler } from '../types.ts';

/** Independent samples of the space, none twice as long as it holds new ones. */
export function randomSampler<Configuration>(problem: Problem<Configuration>): Sampler<Configuration> {
  return {
    name: 'random',
    propose(history, random) {
      return { configuration: distinctFrom(history, () => problem.space.sample(random)) };
    },
  };
}
