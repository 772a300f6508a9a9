import type { AccumulatorBits, Requantization, Size } from '@sparrow/model';
import type { DenseEncoding, Encoding, PackedRun } from '../../encodings/index.ts';
import type { BiasLayout } from '../../biases.ts';
import type { MultiplierLayout } from '../../requantization.ts';
import type { RequantizeShape } from '../requantize.ts';
import type { Orbits } from './orbits.ts';

/** All that a convolution's kernel is specialised to. */
export interface ConvolutionShape extends RequantizeShape {
  readonly layerName: string;
  readonly depthwise: boolean;
  readonly filters: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly stride: number;
  /** Input channels that a filter sums over; 1 for depthwise. */
  readonly channels: number;
  /** Of the input, in bytes. */
  readonly columnStride: number;
  readonly channelStride: number;
  /** Pixels of a row that are computed, before pooling. */
  readonly columns: number;
  readonly accumulatorBits: AccumulatorBits;
  readonly requantization: Requantization;
  readonly bias: BiasLayout;
  readonly multiplier: MultiplierLayout;
  /** Of a layer whose filters are transforms of each other, and of which flash has one in so many. */
  readonly orbits?: Orbits;
  /** Bytes a filter that other layers with the same weights have beside them. */
  readonly others: OtherBytes;
  /** Some rows of taps may be outside of the image. */
  readonly clips: boolean;
  /** At most as many, above it and below. */
  readonly mostAbove: number;
  readonly mostBelow: number;
  /** Window of the max-pool that is folded in. */
  readonly pool?: Size;
  /** Bytes from one channel to the next in the output's row. */
  readonly outputStride: number;
}

/** Around a layer's own biases, which come before the weights, and its multipliers, which come behind. */
export interface OtherBytes {
  readonly beforeBias: number;
  readonly behindBias: number;
  readonly beforeMultiplier: number;
  readonly behindMultiplier: number;
}

/** How filters lie in flash: `filters` of them side by side, groups of taps interleaved. */
export interface FilterLayout {
  readonly encoding: Encoding;
  /** Filters that are computed at a time. */
  readonly filters: number;
  /** All rows of taps are one run, a group each: a row of an odd number of 4-bit weights leaves no nibble empty. */
  readonly joined: boolean;
}

/** The runs of a sparse layer: by filter, then by row of taps. */
export type SparseRuns = readonly (readonly PackedRun[])[];

export function kernelName({ layerName, ...shape }: ConvolutionShape, encoding: Encoding): string {
  const kind = shape.depthwise ? 'depthwise_conv2d' : 'conv2d';
  return `${kind}_${shape.kernelHeight}x${shape.kernelWidth}_${encoding.name}_acc${shape.accumulatorBits}_${layerName}`;
}

/** Where all weights are stored, all filters take as much. */
export type DenseLayout = FilterLayout & { readonly encoding: DenseEncoding };

export function isDense<Layout extends FilterLayout>(layout: Layout): layout is Layout & DenseLayout {
  return layout.encoding.kind === 'dense';
}

/** Bytes of one run: a row of taps of all filters that are computed at a time, or all of their rows if they are joined. */
export function runBytes(shape: ConvolutionShape, { encoding, filters, joined }: DenseLayout): number {
  const groupSize = filters * shape.kernelWidth;
  const groups = shape.channels * (joined ? shape.kernelHeight : 1);
  return encoding.pack(new Array<number>(groups * groupSize).fill(0), groupSize).length;
}

/** Runs of the filters that are computed at a time. */
export function runsPerRound({ kernelHeight }: ConvolutionShape, { joined }: FilterLayout): number {
  return joined ? 1 : kernelHeight;
}
