import type { Dense } from '../architecture.ts';
import type { WeightedParameters } from '../model.ts';
import { dot } from './dot.ts';

/** docs/numerics.md §2. */
export function accumulateDense(
  layer: Dense,
  { weights, bias }: WeightedParameters,
  x: Uint8Array,
  accumulators: Int32Array,
): void {
  for (let o = 0; o < layer.units; o++) accumulators[o] = bias[o] + dot(weights, o * x.length, x, 0, x.length);
}
