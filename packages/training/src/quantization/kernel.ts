import type { WeightBits, WeightedLayer } from '@sparrow/model';

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
 * One scale a channel: real weight ≈ scale · integer, with `scale = min(max|w|, clip · rms(w)) / largest` over the kept weights.
 * The last layer shares one scale among all its channels, else its integers could not be compared as logits.
 * A channel without any non-zero weight has scale 1.
 */
export function weightScales(
  kernel: Float32Array,
  mask: Uint8Array,
  layout: KernelLayout,
  bits: WeightBits,
  shared: boolean,
): Float32Array {
  const scales = new Float32Array(layout.channels);
  let largest = 0;
  let squares = 0;
  let kept = 0;
  for (let channel = 0; channel < layout.channels; channel++) {
    if (!shared) largest = squares = kept = 0;
    for (let n = 0, i = channel * layout.channelStride; n < layout.weightsPerChannel; n++, i += layout.weightStride) {
      if (mask[i] === 0) continue;
      const magnitude = Math.abs(kernel[i]);
      if (magnitude > largest) largest = magnitude;
      squares += magnitude * magnitude;
      kept++;
    }
    scales[channel] = scaleOf(largest, squares, kept, bits);
  }
  return shared ? scales.fill(scaleOf(largest, squares, kept, bits)) : scales;
}

function scaleOf(largest: number, squares: number, kept: number, bits: WeightBits): number {
  if (largest === 0) return 1;
  return Math.min(largest, CLIPPING_DEVIATIONS[bits] * Math.sqrt(squares / kept)) / LARGEST_WEIGHT[bits];
}

/** `clamp(round(w / scale))`, 0 where the mask is 0. */
export function quantizeWeight(weight: number, scale: number, largest: number): number {
  const integer = Math.floor(weight / scale + 0.5);
  return integer > largest ? largest : integer < -largest ? -largest : integer;
}

/** The real values that a layer's quantised kernel stands for: `scale · integer`. */
export function roundedKernel(
  layer: WeightedLayer,
  kernel: Float32Array,
  mask: Uint8Array,
  channels: number,
): Float32Array {
  const layout = kernelLayout(layer, kernel.length, channels);
  const scales = weightScales(kernel, mask, layout, layer.weightBits, isLastLayer(layer));
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
