import type { Lifetime } from './schedule.ts';

export interface Allocation {
  readonly bytes: number;
  readonly lifetime: Lifetime;
}

export interface Buffer extends Allocation {
  /** In the arena. */
  readonly offset: number;
  /** Another buffer uses some of this memory at another time. */
  readonly shared: boolean;
}

export interface Arena {
  /** `offsets[i]` belongs to `allocations[i]`. */
  readonly offsets: readonly number[];
  readonly bytes: number;
}

function overlap(a: Lifetime, b: Lifetime): boolean {
  return a.from <= b.to && b.from <= a.to;
}

/**
 * Places buffers so that those which live at the same time never overlap. Largest first, each at the lowest offset that
 * is free for all of its life (greedy by size; Pisarchyk & Lee 2020).
 */
export function allocate(allocations: readonly Allocation[]): Arena {
  const offsets = allocations.map(() => 0);
  const placed: number[] = [];
  const bySize = allocations
    .map((_, index) => index)
    .sort((a, b) => allocations[b].bytes - allocations[a].bytes || a - b);
  let bytes = 0;
  for (const index of bySize) {
    const { bytes: size, lifetime } = allocations[index];
    const blocking = placed
      .filter((other) => overlap(allocations[other].lifetime, lifetime))
      .sort((a, b) => offsets[a] - offsets[b]);
    let offset = 0;
    for (const other of blocking) {
      if (offsets[other] >= offset + size) break;
      offset = Math.max(offset, offsets[other] + allocations[other].bytes);
    }
    offsets[index] = offset;
    placed.push(index);
    bytes = Math.max(bytes, offset + size);
  }
  return { offsets, bytes };
}
