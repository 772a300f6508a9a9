import type { Block } from './configuration.ts';
import { nearestFilters } from './width.ts';
import { integer, logUniform, weighted, type Random } from './random-choice.ts';

const firstFilters = [3.5, 10] as const;
const lastFilters = [12, 40] as const;

/**
 * Gives blocks the shape of most good networks (Simonyan and Zisserman 2015, "Very Deep Convolutional Networks", §2): stages at one
 * resolution each, halved by pooling between them, and filters that grow with depth, here in a geometric series.
 */
export function pyramid(blocks: readonly Block[], random: Random): Block[] {
  const ends = stageEnds(blocks.length, random);
  const first = logUniform(...firstFilters, random);
  const growth = (logUniform(...lastFilters, random) / first) ** (1 / (blocks.length - 1));
  return blocks.map((block, index) => ({
    ...block,
    stride: 1,
    pool: ends.has(index) ? weighted(poolings, random) : 'none',
    filters: nearestFilters(first * growth ** index),
  }));
}

const poolings = [
  ['max', 6],
  ['average', 1],
] as const;

/** The blocks that are pooled: mostly one or two before the last, which seldom is. */
function stageEnds(depth: number, random: Random): Set<number> {
  const ends = new Set<number>();
  const count = Math.min(depth - 1, random() < 0.7 ? 1 + Number(depth > 3) : integer(1, 2, random));
  while (ends.size < count) ends.add(integer(0, depth - 2, random));
  if (random() < 0.2) ends.add(depth - 1);
  return ends;
}
