/**
 * The network's graph without its parameters: what a search proposes, a trainer trains and a generator
 * specialises to. Tensors are numbered: 0 is the network's input, `i + 1` is the output of layer `i`;
 * a layer may only read tensors that come before its own output, so the order of layers is a schedule.
 */

/** Height and width in pixels, channels innermost: element (row, column, channel) is at `(row·width + column)·channels + channel`. */
export interface Shape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

export interface Size {
  readonly height: number;
  readonly width: number;
}

/** Bits of one stored weight: 8 is −127…127, 4 is −7…7, 2 is ternary (−1, 0, 1). */
export const WEIGHT_BITS = [8, 4, 2] as const;
export type WeightBits = (typeof WEIGHT_BITS)[number];

export type Padding = 'same' | 'valid';

/** What a trainer is asked to keep a layer's sums within; see `WeightedBase`. */
export const BOUNDED_ACCUMULATOR_BITS = 16;

/** What a trainer is asked to keep a layer's biases within; see `WeightedBase`. */
export const NARROW_BIAS_BITS = 8;

/** What a trainer is asked to keep a convolution's multipliers within; see `ConvolutionBase`. */
export const NARROW_MULTIPLIER_BITS = 8;

/** What a filter may be turned into others by: left to right, or by quarters. */
export const SYMMETRIES = ['mirror', 'rotation'] as const;
export type Symmetry = (typeof SYMMETRIES)[number];

/**
 * What happens to images before the first layer reads them. `momentNormalization`: they are moved, sheared and scaled so that all have
 * about the same centre, slant and size (Casey 1970, "Moment normalization of handprinted characters"; docs/numerics.md §8). All of an
 * image has to be there before its first row is.
 */
export const PREPROCESSINGS = ['momentNormalization'] as const;
export type Preprocessing = (typeof PREPROCESSINGS)[number];

interface LayerBase {
  /** Unique in the network; names the layer in errors, generated C and reports. */
  readonly name: string;
  /** Tensors read, see above. All layers take one, `add` takes two. */
  readonly inputs: readonly number[];
}

interface WeightedBase extends LayerBase {
  readonly weightBits: WeightBits;
  /**
   * A promise that sums of every channel fit in 16 bits for every image, so that the chip may add half as many bytes: trainers
   * keep it (accumulator-aware quantisation: Colbert, Pappalardo and Petri-Koenig 2023, "A2Q"), `validateModel` demands it.
   */
  readonly accumulatorBits?: typeof BOUNDED_ACCUMULATOR_BITS;
  /**
   * A promise that all biases of the layer are whole multiples, −127…127, of one power of two (`biasStepExponent`), so that each takes a
   * byte of flash: trainers keep it, `validateModel` demands it.
   */
  readonly biasBits?: typeof NARROW_BIAS_BITS;
}

interface ConvolutionBase extends WeightedBase {
  readonly kernel: Size;
  readonly stride: 1 | 2;
  readonly padding: Padding;
  /**
   * Name of an earlier layer whose weights this one has too (weight tying: as in recurrent convolutional networks, Liang and Hu
   * 2015). They are in flash once; biases and multipliers are each layer's own. Both are of one kind, and their kernels of
   * one shape; the earlier one is not tied itself.
   */
  readonly tiedTo?: string;
  /**
   * A promise that all multipliers are floats of a byte (`isByteFloat`), so that each takes a byte of flash, whatever the layer's largest
   * is: trainers keep it, `validateModel` demands it.
   */
  readonly multiplierBits?: typeof NARROW_MULTIPLIER_BITS;
}

/** Convolution (kernels 1…7, also non-square, stride 1 or 2) followed by ReLU. Pointwise convolution is the 1×1 case. */
export interface Conv2d extends ConvolutionBase {
  readonly kind: 'conv2d';
  readonly filters: number;
  /**
   * Filters come in orbits, side by side: the first one, then what transforms make of it (`transformTap`: group equivariant convolution,
   * Cohen and Welling 2016). Weights, bias and multiplier of an orbit are in flash once.
   */
  readonly symmetry?: Symmetry;
}

/** One filter a channel (depth multiplier 1), followed by ReLU. */
export interface DepthwiseConv2d extends ConvolutionBase {
  readonly kind: 'depthwiseConv2d';
}

/** Maximum over windows without padding; rows and columns that fill no whole window are dropped. */
export interface MaxPool extends LayerBase {
  readonly kind: 'maxPool';
  readonly window: Size;
  readonly stride: Size;
}

/** Mean over windows without padding; rows and columns that fill no whole window are dropped. */
export interface AveragePool extends LayerBase {
  readonly kind: 'averagePool';
  readonly window: Size;
  readonly stride: Size;
}

/** Mean over all pixels of a channel: shape 1 × 1 × channels. */
export interface GlobalAveragePool extends LayerBase {
  readonly kind: 'globalAveragePool';
}

/**
 * Fully connected over the input flattened in (row, column, channel) order: shape 1 × 1 × units.
 * With `activation: 'none'` the layer is the network's last and its int32 accumulators are the logits.
 */
export interface Dense extends WeightedBase {
  readonly kind: 'dense';
  readonly units: number;
  readonly activation: 'relu' | 'none';
}

/** Residual addition of two tensors of one shape, followed by ReLU. */
export interface Add extends LayerBase {
  readonly kind: 'add';
}

export type LayerSpec = Conv2d | DepthwiseConv2d | MaxPool | AveragePool | GlobalAveragePool | Dense | Add;
export type LayerKind = LayerSpec['kind'];

/** Layers that carry trained weights. */
export type WeightedLayer = Conv2d | DepthwiseConv2d | Dense;

export interface Architecture {
  readonly input: Shape;
  /** Default none: the first layer reads images as they come, while they come. */
  readonly preprocessing?: Preprocessing;
  /** In order of execution; the last layer is a `dense` with `activation: 'none'` whose units are the classes. */
  readonly layers: readonly LayerSpec[];
}

/** The layer that another one is tied to. */
export function tieOf(layer: LayerSpec): string | undefined {
  return 'kernel' in layer ? layer.tiedTo : undefined;
}

/** Whether a layer promises that its multipliers are floats of a byte. */
export function hasNarrowMultipliers(layer: LayerSpec): boolean {
  return 'multiplierBits' in layer && layer.multiplierBits !== undefined;
}

export function isWeighted(layer: LayerSpec): layer is WeightedLayer {
  return layer.kind === 'conv2d' || layer.kind === 'depthwiseConv2d' || layer.kind === 'dense';
}
