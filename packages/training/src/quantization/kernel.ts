import type { WeightBits, WeightedLayer } from '@sparrow/model';
import type { LayerWeights } from '../engine.ts';
import { largestSum } from './accumulators.ts';

/** Integers of a layer are within −largest…largest (docs/numerics.md §1). */
export const LARGEST_WEIGHT: Readonly<Record<WeightBits, number>> = { 8: 127, 4: 7, 2: 1 };

/**
 * Where weights are clipped, in root mean squares of the channel's kept weights: what a uniform quantiser of that many
 * levels wants for a Gaussian (Max 1960, table II), a little wider at 4 bits since trained weights have heavier tails.
 */
export const CLIPPING_DEVIATIONS: Readonly<Record<WeightBits, number>> = { 8: Infinity, 4: 2.8, 2: 1.22 };

/** How a kernel's flat array falls into output channels. */
export interface KernelLayout {
  readonly channels: number;
  /** Distance between a channel's first weight and the next channel's. */
  readonly channelStride: number;
  /** Distance between two weights of one channel. */
  readonly weightStride: number;
  readonly weightsPerChannel: number;
}

/** conv2d and dense keep a channel's weights together; depthwiseConv2d has channels innermost. */
export function kernelLayout(layer: WeightedLayer, kernelLength: number, channels: number): KernelLayout {
  const weightsPerChannel = kernelLength / channels;
  return layer.kind === 'depthwiseConv2d'
    ? { channels, channelStride: 1, weightStride: channels, weightsPerChannel }
    : { channels, channelStride: weightsPerChannel, weightStride: 1, weightsPerChannel };
}

/**
 * One scale a channel: real weight ≈ scale · integer, with `scale = step · rms(w)`, or `min(max|w|, clip · rms(w)) / largest` for a step
 * that is not learned, over the kept weights, or larger where accumulators are bounded (`largestSum`).
 * The last layer shares one scale among all its channels, else its integers could not be compared as logits.
 * A channel without any non-zero weight has scale 1.
 */
export function weightScales(
  { kernel, mask, steps }: Pick<LayerWeights, 'kernel' | 'mask' | 'steps'>,
  layout: KernelLayout,
  layer: WeightedLayer,
): Float32Array {
  const spreads = spreadsOf({ kernel, mask }, layout, layer);
  return Float32Array.from(spreads, (spread, channel) => scaleFor(spread, layer, steps[channel]));
}

/** Of the kept weights, what a learned step counts in: one a channel, 0 where all are 0. */
export function rootMeanSquares(
  learned: Pick<LayerWeights, 'kernel' | 'mask'>,
  layout: KernelLayout,
  layer: WeightedLayer,
): number[] {
  return spreadsOf(learned, layout, layer).map(rootMeanSquareOf);
}

/** Of each channel; all the same for a layer whose channels share their scale. */
function spreadsOf(
  { kernel, mask }: Pick<LayerWeights, 'kernel' | 'mask'>,
  layout: KernelLayout,
  layer: WeightedLayer,
): Spread[] {
  const shared = isLastLayer(layer);
  const spreads: Spread[] = [];
  let spread = NO_SPREAD;
  for (let channel = 0; channel < layout.channels; channel++) {
    spread = addChannel(shared ? spread : NO_SPREAD, kernel, mask, layout, channel);
    spreads.push(spread);
  }
  return shared ? spreads.fill(spread) : spreads;
}

function rootMeanSquareOf({ largest, squares, kept }: Spread): number {
  return largest === 0 ? 0 : Math.sqrt(squares / kept);
}

/** Of the kept weights of one channel, or of several. */
interface Spread {
  readonly largest: number;
  readonly squares: number;
  readonly kept: number;
  /** The largest sum of the weights of one sign of one channel. */
  readonly side: number;
}

const NO_SPREAD: Spread = { largest: 0, squares: 0, kept: 0, side: 0 };

function addChannel(
  { largest, squares, kept, side }: Spread,
  kernel: Float32Array,
  mask: Uint8Array,
  layout: KernelLayout,
  channel: number,
): Spread {
  let sum = 0;
  let magnitudes = 0;
  const first = channel * layout.channelStride;
  for (let n = 0, i = first; n < layout.weightsPerChannel; n++, i += layout.weightStride) {
    if (mask[i] === 0) continue;
    const magnitude = Math.abs(kernel[i]);
    if (magnitude > largest) largest = magnitude;
    squares += magnitude * magnitude;
    magnitudes += magnitude;
    sum += kernel[i];
    kept++;
  }
  return { largest, squares, kept, side: Math.max(side, (magnitudes + Math.abs(sum)) / 2) };
}

function scaleFor(spread: Spread, layer: WeightedLayer, step: number): number {
  const { largest, side } = spread;
  if (largest === 0) return 1;
  const { weightBits } = layer;
  const rootMeanSquare = rootMeanSquareOf(spread);
  const clip = Math.min(largest, CLIPPING_DEVIATIONS[weightBits] * rootMeanSquare);
  const scale = step > 0 ? step * rootMeanSquare : clip / LARGEST_WEIGHT[weightBits];
  return Math.max(scale, side / largestSum(layer));
}

/** `clamp(round(w / scale))`, 0 where the mask is 0. */
export function quantizeWeight(weight: number, scale: number, largest: number): number {
  const integer = Math.floor(weight / scale + 0.5);
  return integer > largest ? largest : integer < -largest ? -largest : integer;
}

/** The integers of the channels that are used, 0 for the others. A negative scale turns a channel's signs around. */
export function quantizeKernel(
  layer: WeightedLayer,
  { kernel, mask }: LayerWeights,
  layout: KernelLayout,
  scales: Float32Array,
  isUsed: (channel: number) => boolean,
): Int8Array {
  const weights = new Int8Array(kernel.length);
  const largest = LARGEST_WEIGHT[layer.weightBits];
  for (let o = 0; o < layout.channels; o++) {
    if (!isUsed(o)) continue;
    for (let n = 0, i = o * layout.channelStride; n < layout.weightsPerChannel; n++, i += layout.weightStride) {
      if (mask[i] !== 0) weights[i] = quantizeWeight(kernel[i], scales[o], largest);
    }
  }
  return weights;
}

/** The real values that a layer's quantised kernel stands for: `scale · integer`. */
export function roundedKernel(layer: WeightedLayer, learned: LayerWeights): Float32Array {
  const { kernel, mask } = learned;
  const channels = learned.beta.length;
  const layout = kernelLayout(layer, kernel.length, channels);
  const scales = weightScales(learned, layout, layer);
  const largest = LARGEST_WEIGHT[layer.weightBits];
  const rounded = new Float32Array(kernel.length);
  for (let channel = 0; channel < channels; channel++) {
    const scale = scales[channel];
    for (let n = 0, i = channel * layout.channelStride; n < layout.weightsPerChannel; n++, i += layout.weightStride) {
      if (mask[i] !== 0) rounded[i] = scale * quantizeWeight(kernel[i], scale, largest);
    }
  }
  return rounded;
}

/** The layer whose accumulators are the logits: no batch norm, no requantisation. */
export function isLastLayer(layer: WeightedLayer): boolean {
  return layer.kind === 'dense' && layer.activation === 'none';
}
