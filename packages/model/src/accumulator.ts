import type { LayerSpec, Shape, WeightedLayer } from './architecture.ts';
import { outputChannels, weightsPerChannel } from './counts.ts';
import { ModelError } from './errors.ts';
import { requantizeValue } from './interpreter/requantize.ts';
import { type LayerParameters, type Model, parametersOfKind, type WeightedParameters } from './model.ts';
import { inferShapes } from './shapes.ts';

/** What a channel's accumulator can be, for any input (docs/numerics.md §6). */
export interface AccumulatorRange {
  readonly lowest: number;
  readonly highest: number;
}

export type AccumulatorBits = 16 | 24 | 32;

export interface Ranges {
  /** By layer, then by output channel; none for maxPool, which has no accumulators. */
  readonly accumulators: readonly (readonly AccumulatorRange[])[];
  /** By tensor number, then by channel: no activation exceeds it. 255 for the network's input, 0 for the logits. */
  readonly maxima: readonly Uint8Array[];
}

/**
 * Proves, from the first layer to the last, what accumulators and activations can be. A bound holds for all images, but
 * no image needs to reach it: inputs of a layer are taken to be independent.
 */
export function analyzeRanges(model: Model): Ranges {
  const { architecture, parameters } = model;
  const shapes = inferShapes(architecture);
  const maxima: Uint8Array[] = [new Uint8Array(architecture.input.channels).fill(255)];
  const accumulators = architecture.layers.map((layer, index) => {
    const inputs = layer.inputs.map((tensor) => maxima[tensor]);
    const ranges = layerRanges(layer, parameters[index], inputs, shapes[layer.inputs[0]]);
    maxima.push(layer.kind === 'maxPool' ? inputs[0] : outputMaxima(parameters[index], ranges));
    return ranges;
  });
  return { accumulators, maxima };
}

/** The narrowest width that holds all of these ranges. Throws if 32 bits are not enough, which no valid model needs. */
export function accumulatorBits(...ranges: readonly AccumulatorRange[]): AccumulatorBits {
  const fits = (bits: number) => {
    return ranges.every(({ lowest, highest }) => lowest >= -(2 ** (bits - 1)) && highest < 2 ** (bits - 1));
  };
  for (const bits of [16, 24, 32] as const) if (fits(bits)) return bits;
  throw new ModelError('an accumulator exceeds 32 bits');
}

function layerRanges(
  layer: LayerSpec,
  parameters: LayerParameters,
  [x, other]: readonly Uint8Array[],
  input: Shape,
): AccumulatorRange[] {
  const sumOf = (bias: number, pixels: number) =>
    Array.from(x, (maximum) => ({ lowest: bias, highest: bias + pixels * maximum }));
  switch (layer.kind) {
    case 'maxPool':
      return [];
    case 'averagePool':
      return sumOf(parametersOfKind('pool', parameters).bias, layer.window.height * layer.window.width);
    case 'globalAveragePool':
      return sumOf(parametersOfKind('pool', parameters).bias, input.height * input.width);
    case 'add': {
      const { multipliers, bias } = parametersOfKind('add', parameters);
      return Array.from(x, (maximum, channel) => {
        return { lowest: bias, highest: bias + maximum * multipliers[0] + other[channel] * multipliers[1] };
      });
    }
    default:
      return weightedRanges(layer, parametersOfKind('weighted', parameters), x, input);
  }
}

/** docs/numerics.md §6, with the maximum X of each input channel. Padding only takes terms away, so the bounds hold at borders. */
function weightedRanges(
  layer: WeightedLayer,
  { weights, bias }: WeightedParameters,
  x: Uint8Array,
  input: Shape,
): AccumulatorRange[] {
  const channels = outputChannels(layer, input);
  const perChannel = weightsPerChannel(layer, input);
  return Array.from({ length: channels }, (_, channel) => {
    let lowest = bias[channel];
    let highest = bias[channel];
    for (let tap = 0; tap < perChannel; tap++) {
      const depthwise = layer.kind === 'depthwiseConv2d';
      const weight = weights[depthwise ? tap * channels + channel : channel * perChannel + tap];
      const term = weight * x[depthwise ? channel : tap % input.channels];
      if (term < 0) lowest += term;
      else highest += term;
    }
    return { lowest, highest };
  });
}

/** Requantisation is monotone: the highest accumulator gives the highest activation. */
function outputMaxima(parameters: LayerParameters, ranges: readonly AccumulatorRange[]): Uint8Array {
  return Uint8Array.from(ranges, ({ highest }, channel) => {
    if (parameters.kind === 'add') return requantizeValue(highest, 1, parameters.shift);
    if (parameters.kind === 'none' || !parameters.requantization) return 0;
    const { multipliers, shift } = parameters.requantization;
    return requantizeValue(highest, multipliers[channel % multipliers.length], shift);
  });
}
