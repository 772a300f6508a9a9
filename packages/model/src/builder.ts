import type {
  Architecture,
  Conv2d,
  LayerSpec,
  Padding,
  Shape,
  Size,
  WeightBits,
  WeightedLayer,
} from './architecture.ts';

type WithoutEdges<Layer> = Layer extends LayerSpec
  ? Omit<Layer, 'name' | 'inputs'> & { readonly name?: string }
  : never;

/** A layer that does not know yet what it is called and what it reads. */
export type LayerTemplate = WithoutEdges<LayerSpec>;

/** Layers whose output is added to their input. */
export interface Residual {
  readonly kind: 'residual';
  readonly body: readonly Block[];
}

export type Block = LayerTemplate | Residual;

/** `3` means 3×3. */
export type Square = number | Size;

function toSize(size: Square): Size {
  return typeof size === 'number' ? { height: size, width: size } : size;
}

export interface WeightOptions {
  /** Default 8. */
  readonly weightBits?: WeightBits;
  /** Whether sums have to fit in 16 bits; default no. */
  readonly accumulatorBits?: WeightedLayer['accumulatorBits'];
  /** Whether each bias has to fit in a byte; default no. */
  readonly biasBits?: WeightedLayer['biasBits'];
  readonly name?: string;
}

function weightsOf({ weightBits = 8, accumulatorBits, biasBits, name }: WeightOptions) {
  return {
    weightBits,
    ...(accumulatorBits === undefined ? {} : { accumulatorBits }),
    ...(biasBits === undefined ? {} : { biasBits }),
    name,
  };
}

export interface ConvolutionOptions extends WeightOptions {
  /** Default 3×3. */
  readonly kernel?: Square;
  /** Default 1. */
  readonly stride?: 1 | 2;
  /** Default `same`. */
  readonly padding?: Padding;
  /** Name of an earlier layer, to have its weights; default weights of its own. */
  readonly tiedTo?: string;
  /** Whether each multiplier has to fit in a byte; default no. */
  readonly multiplierBits?: Conv2d['multiplierBits'];
}

export interface Conv2dOptions extends ConvolutionOptions {
  /** By which filters come in orbits; default none. */
  readonly symmetry?: Conv2d['symmetry'];
}

function convolution(options: ConvolutionOptions) {
  const { kernel = 3, stride = 1, padding = 'same', tiedTo, multiplierBits, ...weights } = options;
  const tie = tiedTo === undefined ? {} : { tiedTo };
  const narrow = multiplierBits === undefined ? {} : { multiplierBits };
  return { kernel: toSize(kernel), stride, padding, ...tie, ...narrow, ...weightsOf(weights) };
}

export function conv2d(filters: number, { symmetry, ...options }: Conv2dOptions = {}): LayerTemplate {
  return { kind: 'conv2d', filters, ...(symmetry === undefined ? {} : { symmetry }), ...convolution(options) };
}

/** A 1×1 convolution. */
export function pointwise(filters: number, options: Omit<ConvolutionOptions, 'kernel'> = {}): LayerTemplate {
  return conv2d(filters, { ...options, kernel: 1 });
}

export function depthwiseConv2d(options: ConvolutionOptions = {}): LayerTemplate {
  return { kind: 'depthwiseConv2d', ...convolution(options) };
}

/** `stride` defaults to the window. */
export function maxPool(window: Square, stride: Square = window): LayerTemplate {
  return { kind: 'maxPool', window: toSize(window), stride: toSize(stride) };
}

/** `stride` defaults to the window. */
export function averagePool(window: Square, stride: Square = window): LayerTemplate {
  return { kind: 'averagePool', window: toSize(window), stride: toSize(stride) };
}

export function globalAveragePool(): LayerTemplate {
  return { kind: 'globalAveragePool' };
}

/** A hidden dense layer, with ReLU. The last layer is `logits`. */
export function dense(units: number, options: WeightOptions = {}): LayerTemplate {
  return { kind: 'dense', units, activation: 'relu', ...weightsOf(options) };
}

/** The last layer: a dense whose accumulators are the logits. */
export function logits(classes: number, options: WeightOptions = {}): LayerTemplate {
  return { kind: 'dense', units: classes, activation: 'none', ...weightsOf(options) };
}

/** `x + body(x)`, for a body that keeps the shape. */
export function residual(body: readonly Block[]): Residual {
  return { kind: 'residual', body };
}

const STEMS: Readonly<Record<LayerSpec['kind'], string>> = {
  conv2d: 'conv',
  depthwiseConv2d: 'depthwise',
  maxPool: 'pool',
  averagePool: 'pool',
  globalAveragePool: 'pool',
  dense: 'dense',
  add: 'add',
};

/**
 * Chains blocks, each reading the one before, and names the layers by kind in order: conv1, pool1, conv2, … The result
 * is not checked; `inferShapes` does that.
 */
export function sequential(input: Shape, blocks: readonly Block[]): Architecture {
  const layers: LayerSpec[] = [];
  const counters = new Map<string, number>();
  const nextName = (kind: LayerSpec['kind']): string => {
    const stem = STEMS[kind];
    const count = (counters.get(stem) ?? 0) + 1;
    counters.set(stem, count);
    return `${stem}${count}`;
  };
  const append = (block: Block, source: number): number => {
    if (block.kind === 'residual') {
      const end = block.body.reduce((tensor, inner) => append(inner, tensor), source);
      return layers.push({ kind: 'add', name: nextName('add'), inputs: [source, end] });
    }
    const generated = nextName(block.kind);
    return layers.push({ ...block, name: block.name ?? generated, inputs: [source] });
  };
  blocks.reduce((tensor, block) => append(block, tensor), 0);
  return { input, layers };
}

/**
 * The network that speed is quoted on: 28×28×1 → conv3×3×8 → maxpool2 → conv3×3×16 → maxpool2 → conv3×3×24 → global
 * average → dense10, all `same`. Its convolutions take 451,584 MACs, the dense layer another 240.
 */
export function referenceArchitecture(): Architecture {
  return sequential({ height: 28, width: 28, channels: 1 }, [
    conv2d(8),
    maxPool(2),
    conv2d(16),
    maxPool(2),
    conv2d(24),
    globalAveragePool(),
    logits(10),
  ]);
}
