import { distinctFrom } from './distinct.ts';
import type { Encoder } from '../surrogate/encoding.ts';
import type { Problem, Trial } from '../types.ts';

const draws = 32;

/**
 * A first design that leaves no gaps: of some samples, the one farthest from everything tried so far (maximin distance,
 * Johnson, Moore, Ylvisaker 1990), in the surrogates' embedding.
 */
export function spaceFilling<Configuration>(
  problem: Problem<Configuration>,
  encoder: Encoder<Configuration>,
  history: readonly Trial<Configuration>[],
  random: () => number,
): Configuration {
  const tried = history.map((trial) => encoder.encode(trial.configuration, 0));
  const distance = (configuration: Configuration) => {
    const point = encoder.encode(configuration, 0);
    return Math.min(...tried.map((other) => other.reduce((sum, value, i) => sum + (value - point[i]) ** 2, 0)));
  };
  return distinctFrom(history, () => {
    if (tried.length === 0) return problem.space.sample(random);
    const samples = Array.from({ length: draws }, () => problem.space.sample(random));
    const distances = samples.map(distance);
    return samples[distances.indexOf(Math.max(...distances))];
  });
}
