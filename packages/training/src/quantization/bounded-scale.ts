import type { WeightedLayer } from '@sparrow/model';
import type { LayerWeights } from '../engine.ts';
import { LARGEST_ACCUMULATOR, LARGEST_ACTIVATION } from './accumulators.ts';
import { type KernelLayout, LARGEST_WEIGHT, quantizeWeight } from './kernel.ts';

/** Smaller steps would find a scale that is hardly better. */
const SMALLEST_STEP = 1.004;

/**
 * The smallest scale from `scale` on at which a channel's accumulators fit for every image: A2Q (Colbert et al. 2023) bounds the norm
 * of the weights in training; here their scale follows from the bound, and training sees its rounding.
 * Its sign is the gain's, whose inverse turns weights around. A bias counts where it adds to the products only, so that any larger scale fits too.
 */
export function scaleThatFits(
  layer: WeightedLayer,
  learned: LayerWeights,
  layout: KernelLayout,
  channel: number,
  scale: number,
  biasAt: (scale: number) => number,
): number {
  if (layer.accumulatorBits === undefined) return scale;
  const { kernel, mask } = learned;
  const largest = LARGEST_WEIGHT[layer.weightBits];
  for (;;) {
    const tried = scale;
    const weightAt = (i: number) => (mask[i] === 0 ? 0 : quantizeWeight(kernel[i], tried, largest));
    const { positive, negative } = sidesOf(layout, channel, weightAt);
    const bias = biasAt(scale);
    const highest = Math.max(
      LARGEST_ACTIVATION * positive + Math.max(bias, 0),
      LARGEST_ACTIVATION * negative - Math.min(bias, 0),
    );
    if (highest < LARGEST_ACCUMULATOR) return scale;
    scale = Math.fround(scale * Math.max(SMALLEST_STEP, 1 + (highest / LARGEST_ACCUMULATOR - 1) / 2));
  }
}

interface Sides {
  readonly positive: number;
  readonly negative: number;
}

/** What a channel's positive integer weights sum up to, and its negative ones, without the sign. `weightAt` tells them by their place in the kernel. */
export function sidesOf(
  { channelStride, weightStride, weightsPerChannel }: KernelLayout,
  channel: number,
  weightAt: (index: number) => number,
): Sides {
  let positive = 0;
  let negative = 0;
  for (let n = 0, i = channel * channelStride; n < weightsPerChannel; n++, i += weightStride) {
    const weight = weightAt(i);
    if (weight > 0) positive += weight;
    else negative -= weight;
  }
  return { positive, negative };
}
