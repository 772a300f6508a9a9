import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Uniform in [0, 1). */
export type Random = () => number;

/** Neighbouring seeds give unrelated sequences: the generator's first outputs, which still resemble its seed, are dropped. */
export function seededRandom(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  for (let skipped = 0; skipped < 64; skipped++) generator.next();
  return () => uniformFloat64(generator);
}
