import type { Random } from '../seeded-random.ts';

export { type Random, seededRandom } from '../seeded-random.ts';

/** Uniform among the integers `lowest … highest`. */
export function integer(random: Random, lowest: number, highest: number): number {
  return lowest + Math.floor(random() * (highest - lowest + 1));
}

export function pick<T>(random: Random, items: readonly T[]): T {
  return items[integer(random, 0, items.length - 1)];
}

export function chance(random: Random, probability: number): boolean {
  return random() < probability;
}
