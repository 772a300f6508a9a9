/** Uniform in [0, 1); the study's seeded stream. */
export type Random = () => number;

export function pick<T>(items: readonly T[], random: Random): T {
  return items[Math.floor(random() * items.length)];
}

/** The neighbour one step up or down in an ordered list; stays within it. */
export function step<T>(items: readonly T[], current: T, random: Random): T {
  const index = items.indexOf(current);
  if (index < 0) return pick(items, random);
  const next = index + (random() < 0.5 ? -1 : 1);
  return items[Math.min(items.length - 1, Math.max(0, next))];
}

/** A different item where there is one. */
export function change<T>(items: readonly T[], current: T, random: Random): T {
  const others = items.filter((item) => item !== current);
  return others.length === 0 ? current : pick(others, random);
}

export function logUniform(lowest: number, highest: number, random: Random): number {
  return lowest * (highest / lowest) ** random();
}

export function uniform(lowest: number, highest: number, random: Random): number {
  return lowest + (highest - lowest) * random();
}

export function integer(lowest: number, highest: number, random: Random): number {
  return lowest + Math.floor(random() * (highest - lowest + 1));
}

/** One of the keys, with the given weights. */
export function weighted<T extends string | number>(weights: readonly (readonly [T, number])[], random: Random): T {
  let point = random() * weights.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [item, weight] of weights) {
    point -= weight;
    if (point < 0) return item;
  }
  return weights[weights.length - 1][0];
}
