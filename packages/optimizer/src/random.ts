import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';

/**
 * The uniform [0, 1) stream that belongs to `index` (a trial's id) of a study with this seed. Streams of different
 * indices are independent, so what a trial draws does not depend on what was drawn before a crash.
 */
export function randomStream(seed: number, index: number): () => number {
  const mix = splitMix32(seed ^ Math.imul(index, 0x9e3779b1));
  mix();
  const again = splitMix32(mix() ^ index);
  const generator = xoroshiro128plusFromState([mix(), again(), mix(), again() | 1]);
  return () => uniformFloat64(generator);
}

/** A seed in 0…2³¹−1 for whatever a trial draws on its own (initial weights, order of images). */
export function trialSeed(seed: number, trialId: number): number {
  return Math.floor(randomStream(seed ^ 0x5eed, trialId)() * 2 ** 31);
}

/** Standard normal by Box–Muller (the sine half is dropped to keep streams stateless). */
export function standardNormal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** SplitMix (Steele, Lea, Flood 2014) with the 32-bit finaliser of MurmurHash3: turns small seeds into well-mixed states. */
function splitMix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let word = state;
    word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
    return word ^ (word >>> 16);
  };
}
