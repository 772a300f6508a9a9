import { makeEmbedding } from '../gaussian-process/embedding.ts';
import { randomStream } from '../random.ts';
import type { Embedding } from '../gaussian-process/embedding.ts';
import type { SearchSpace } from '../types.ts';

/** The surrogates' input: the encoded configuration, then how much was spent on it. */
export interface Encoder<Configuration> {
  readonly embedding: Embedding;
  encode(configuration: Configuration, rung: number): Float64Array;
}

const probes = 256;

/**
 * Which dimensions are conditional is learnt from samples of the space, not from the history, so that it does not change
 * under way. The rung comes last, as 1 − 2^−rung: every step up changes less.
 */
export function makeEncoder<Configuration>(space: SearchSpace<Configuration>): Encoder<Configuration> {
  const random = randomStream(0, 0);
  const vectors = Array.from({ length: probes }, () => space.encode(space.sample(random)));
  const conditional = vectors[0].map((_, i) => vectors.some((vector) => Number.isNaN(vector[i])));
  const embedding = makeEmbedding([...conditional, false]);
  return {
    embedding,
    encode: (configuration, rung) => embedding.embed([...space.encode(configuration), 1 - 2 ** -rung]),
  };
}
