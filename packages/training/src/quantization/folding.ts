import {
  type AddParameters,
  type Architecture,
  hasNarrowMultipliers,
  isWeighted,
  type LayerParameters,
  narrowBiases,
  type PoolParameters,
  type Requantization,
  type Shape,
  tiedGroups,
  toByteFloat,
  type WeightedLayer,
  type WeightedParameters,
} from '@sparrow/model';
import type { LayerWeights, Weights } from '../engine.ts';
import { LARGEST_ACCUMULATOR, LARGEST_ACTIVATION } from './accumulators.ts';
import { BATCH_NORM_EPSILON } from './batchNorm.ts';
import { scaleThatFits, sidesOf } from './bounded-scale.ts';
import { isLastLayer, kernelLayout, LARGEST_WEIGHT, quantizeWeight, weightScales } from './kernel.ts';
import type { KernelLayout } from './kernel.ts';
import { chooseShift, chooseShiftOfFloats, finestShift, snapPool } from './requantization.ts';

export interface FoldedNetwork {
  /** `parameters[i]` belongs to layer i. */
  readonly parameters: LayerParameters[];
  /** Real logit = logitScale · integer logit. */
  readonly logitScale: number;
  /** By layer name, one a channel: real weight = scale · integer weight. Negative where a negative gamma turned the signs around. */
  readonly kernelScales: ReadonlyMap<string, Float32Array>;
}

interface FoldedLayer {
  readonly parameters: WeightedParameters;
  readonly kernelScales: Float32Array;
}

/**
 * From what is learned to the integers of docs/numerics.md: quantises weights, folds batch norm (its running statistics) and the
 * scales of activations into multipliers and biases. Pure; both engines and the exporter call it, so they agree by construction.
 * `shapes` and `scales` have an entry for each tensor, see `activationScales`.
 */
export function foldNetwork(
  architecture: Architecture,
  shapes: readonly Shape[],
  weights: Weights,
  scales: ArrayLike<number>,
): FoldedNetwork {
  let logitScale = 1;
  const kernelScales = new Map<string, Float32Array>();
  const tied = tiedScales(architecture, shapes, weights, scales);
  const parameters = architecture.layers.map((layer, index): LayerParameters => {
    const input = layer.inputs[0];
    const output = index + 1;
    switch (layer.kind) {
      case 'maxPool':
        return { kind: 'none' };
      case 'averagePool':
        return foldPool(layer.window.height * layer.window.width, scales[input], scales[output]);
      case 'globalAveragePool':
        return foldPool(shapes[input].height * shapes[input].width, scales[input], scales[output]);
      case 'add':
        return foldAdd(scales[input], scales[layer.inputs[1]], scales[output]);
      default: {
        const learned = weightsOf(weights, layer);
        const layout = kernelLayout(layer, learned.kernel.length, shapes[output].channels);
        const folded = isLastLayer(layer)
          ? foldLast(layer, learned, layout, scales[input])
          : foldBatchNorm(layer, learned, layout, scales[input], scales[output], tied.get(layer.name));
        kernelScales.set(layer.name, folded.kernelScales);
        if (isLastLayer(layer)) logitScale = folded.kernelScales[0] * scales[input];
        return folded.parameters;
      }
    }
  });
  return { parameters, logitScale, kernelScales };
}

/** The real values that a layer's folded integers stand for. */
export function foldedKernel(folded: FoldedNetwork, architecture: Architecture, layer: WeightedLayer): Float32Array {
  const parameters = folded.parameters[architecture.layers.indexOf(layer)];
  const scales = folded.kernelScales.get(layer.name);
  if (parameters.kind !== 'weighted' || !scales) throw new Error(`layer ${layer.name} was not folded`);
  const layout = kernelLayout(layer, parameters.weights.length, scales.length);
  const kernel = new Float32Array(parameters.weights.length);
  for (let o = 0; o < layout.channels; o++) {
    for (let n = 0, i = o * layout.channelStride; n < layout.weightsPerChannel; n++, i += layout.weightStride) {
      kernel[i] = scales[o] * parameters.weights[i];
    }
  }
  return kernel;
}

function weightsOf(weights: Weights, layer: WeightedLayer): LayerWeights {
  const learned = weights.get(layer.name);
  if (!learned) throw new Error(`layer ${layer.name} has no weights`);
  return learned;
}

/**
 * With g = gamma / √(variance + ε) and A = scale of the accumulator (weight scale · input scale), a channel's output in units of
 * its scale is `acc · |g|·A/outputScale + (beta − g·mean)/outputScale`. A negative g turns the weights' sign around.
 *
 * A multiplier is an integer, that factor hardly ever. Mostly it is rounded *up* and the weight scale adjusted, so that the factor is exact:
 * the coarser grid of a small multiplier is never coarser than that of the layer's largest, measured at the output. Where layers are
 * tied, weights are rounded with the scales `tied` of them all; each layer's own scales, by which the factor is exact, say what its
 * integers stand for. Where multipliers are floats of a byte, weights keep their grid too, the gain is a little off, and the bias is that
 * of the gain as it is.
 */
export function foldBatchNorm(
  layer: WeightedLayer,
  learned: LayerWeights,
  layout: KernelLayout,
  inputScale: number,
  outputScale: number,
  tied?: Float32Array,
): FoldedLayer {
  const kernelScales = tied?.slice() ?? fittingScales(layer, learned, layout, inputScale, outputScale);
  const narrow = hasNarrowMultipliers(layer);
  const grid = tied || narrow ? kernelScales.slice() : kernelScales;
  const gains = gainsOf(learned);
  const factors = gains.map((gain, o) =>
    isConstant(learned, layout, o, gain) ? 0 : ((Math.abs(gain) * inputScale) / outputScale) * kernelScales[o],
  );
  const offsets = gains.map((gain, o) => offsetOf(learned, o, gain, outputScale));
  if (narrow && !tied) dropVanishing(factors, offsets);
  const requantization = requantizationFor(layer, factors, offsets);
  const bias = new Int32Array(layout.channels);
  for (let o = 0; o < layout.channels; o++) {
    const unit = requantization.multipliers[o] / 2 ** requantization.shift;
    let offset = offsets[o];
    if (factors[o] === 0) offset = possibleConstant(layer, offset, unit);
    else {
      const excess = unit / factors[o];
      if (narrow) offset = offsetOf(learned, o, gains[o] * excess, outputScale);
      kernelScales[o] *= Math.sign(gains[o]) * excess;
      if (grid !== kernelScales) grid[o] *= Math.sign(gains[o]);
    }
    bias[o] = toInt32(offset / unit);
  }
  const weights = quantizeKernel(layer, learned, layout, grid, (o) => factors[o] !== 0);
  if (narrow && layer.accumulatorBits) keepSumsInBounds(bias, weights, layout);
  if (narrow && layer.biasBits) {
    const units = grid.map((scale) => scale * inputScale);
    shortenBiases(bias, requantization, learned, units);
  }
  // Towards 0, so that sums with them stay within the bounds that they had.
  if (layer.biasBits) narrowBiases(bias, narrow && !layer.accumulatorBits ? Math.round : Math.trunc);
  return { parameters: { kind: 'weighted', weights, bias, requantization }, kernelScales };
}

/**
 * Of a channel that is never more than 0 for sums as they come, biases nearer to 0 do the same: next to a large one the layer's other biases, which
 * count the same steps, would be coarse. `units`: the real value of 1 in the sum.
 */
function shortenBiases(
  bias: Int32Array,
  { multipliers, shift }: Requantization,
  { runningMean, runningVariance }: LayerWeights,
  units: Float32Array,
): void {
  bias.forEach((value, o) => {
    const usual = runningMean[o] / units[o] + (SUM_DEVIATIONS * Math.sqrt(runningVariance[o])) / Math.abs(units[o]);
    const enough = Math.ceil(2 ** shift / multipliers[o] - usual) - 1;
    bias[o] = Math.max(value, Math.min(enough, 0));
  });
}

/** Sums as they come are no further than so many deviations above their mean. */
const SUM_DEVIATIONS = 6;

/** Multipliers for `factors`, 0 for a channel that does not depend on its input, with which biases for `offsets` stay in bounds. */
function requantizationFor(
  layer: WeightedLayer,
  factors: readonly number[],
  offsets: readonly number[],
): Requantization {
  const narrow = hasNarrowMultipliers(layer);
  const largest = Math.max(...factors) || CONSTANT_FACTOR;
  const smallest = Math.min(...factors.filter((factor) => factor > 0), largest);
  const shift = narrow ? chooseShiftOfFloats(smallest, largest) : chooseShift(largest);
  const multipliers = Uint16Array.from(factors, (factor, o) => {
    // As large as any other, so that biases are of one size.
    if (factor === 0) return narrow ? toByteFloat(largest * 2 ** shift) : constantMultiplier(layer, offsets[o], shift);
    const least = Math.ceil((Math.abs(offsets[o]) * 2 ** shift) / LARGEST_BIAS);
    if (narrow) return Math.max(toByteFloat(factor * 2 ** shift), toByteFloat(Math.max(1, least), Math.ceil));
    return Math.max(1, least, roundUp(factor * 2 ** shift));
  });
  return { multipliers, shift };
}

/** In place: channels that add next to nothing to their offset become constants, rather than that their gain is one that multipliers can be. */
function dropVanishing(factors: number[], offsets: readonly number[]): void {
  const shift = finestShift(Math.max(...factors));
  factors.forEach((factor, o) => {
    if (factor * 2 ** shift < 0.5 || factor * LARGEST_BIAS < Math.abs(offsets[o])) factors[o] = 0;
  });
}

/** What a channel that does not depend on its input can be. `unit`: one step of its sum, in steps of its output. */
function possibleConstant({ accumulatorBits }: WeightedLayer, offset: number, unit: number): number {
  const possible = Math.min(Math.max(offset, 0), LARGEST_CONSTANT);
  return accumulatorBits ? Math.min(possible, LARGEST_ACCUMULATOR * unit) : possible;
}

/** 255, and what is rounded to it. */
const LARGEST_CONSTANT = 255.5;

/** Biases give way where gains that are a little off would need more than sums may have. */
function keepSumsInBounds(bias: Int32Array, weights: Int8Array, layout: KernelLayout): void {
  for (let o = 0; o < layout.channels; o++) {
    const { positive, negative } = sidesOf(weights, layout, o);
    const highest = LARGEST_ACCUMULATOR - LARGEST_ACTIVATION * positive;
    const lowest = LARGEST_ACTIVATION * negative - LARGEST_ACCUMULATOR;
    bias[o] = Math.max(lowest, Math.min(highest, bias[o]));
  }
}

function gainsOf({ gamma, runningVariance }: LayerWeights): number[] {
  return Array.from(gamma, (gain, o) => gain / Math.sqrt(runningVariance[o] + BATCH_NORM_EPSILON));
}

/** Weight scales, all positive, with which sums keep what the layer promises. */
function fittingScales(
  layer: WeightedLayer,
  learned: LayerWeights,
  layout: KernelLayout,
  inputScale: number,
  outputScale: number,
): Float32Array {
  const scales = weightScales(learned.kernel, learned.mask, layout, layer);
  gainsOf(learned).forEach((gain, o) => {
    if (isConstant(learned, layout, o, gain)) return;
    const unit = (Math.abs(gain) * inputScale) / outputScale;
    const offset = offsetOf(learned, o, gain, outputScale);
    const biasAt = (scale: number) => offset / (unit * Math.abs(scale));
    scales[o] = Math.abs(scaleThatFits(layer, learned, layout, o, Math.sign(gain) * scales[o], biasAt));
  });
  return scales;
}

/** By layer, for those that are tied: scales of the weights that they share, so large that all of them keep what they promise. */
function tiedScales(
  { layers }: Architecture,
  shapes: readonly Shape[],
  weights: Weights,
  scales: ArrayLike<number>,
): ReadonlyMap<string, Float32Array> {
  const result = new Map<string, Float32Array>();
  for (const group of tiedGroups(layers)) {
    const all = group.map((name) => {
      const index = layers.findIndex((layer) => layer.name === name);
      const layer = layers[index];
      if (!isWeighted(layer)) throw new Error(`layer ${name} has no weights to share`);
      const learned = weightsOf(weights, layer);
      const layout = kernelLayout(layer, learned.kernel.length, shapes[index + 1].channels);
      return fittingScales(layer, learned, layout, scales[layer.inputs[0]], scales[index + 1]);
    });
    const largest = all[0].map((_, channel) => Math.max(...all.map((each) => each[channel])));
    for (const name of group) result.set(name, largest);
  }
  return result;
}

/** What a channel's output is where its products are 0, in units of `outputScale`; 0.5 for rounding. */
function offsetOf({ beta, runningMean }: LayerWeights, channel: number, gain: number, outputScale: number): number {
  return (beta[channel] - gain * runningMean[channel]) / outputScale + 0.5;
}

/** A byte, unless a bias that has to fit in 16 bits needs more. */
function constantMultiplier({ accumulatorBits }: WeightedLayer, offset: number, shift: number): number {
  const product = Math.min(Math.max(offset, 0), LARGEST_CONSTANT) * 2 ** shift;
  return accumulatorBits !== undefined && product > 255 * LARGEST_ACCUMULATOR ? 65_535 : 255;
}

/** Stands in where a layer has no channel that depends on its input: shift 8. */
const CONSTANT_FACTOR = 0.5;

/** 1e-9: what is an integer already stays one. */
function roundUp(multiplier: number): number {
  return Math.ceil(multiplier - 1e-9);
}

/** A channel that does not depend on its input: all weights are pruned or zero, or its gain is. */
function isConstant({ kernel, mask }: LayerWeights, layout: KernelLayout, channel: number, gain: number): boolean {
  if (gain === 0) return true;
  for (let n = 0, i = channel * layout.channelStride; n < layout.weightsPerChannel; n++, i += layout.weightStride) {
    if (mask[i] !== 0 && kernel[i] !== 0) return false;
  }
  return true;
}

function foldLast(layer: WeightedLayer, learned: LayerWeights, layout: KernelLayout, inputScale: number): FoldedLayer {
  const kernelScales = weightScales(learned.kernel, learned.mask, layout, layer);
  const fitting = Array.from(kernelScales, (scale, o) =>
    scaleThatFits(layer, learned, layout, o, scale, (wider) => learned.beta[o] / (wider * inputScale)),
  );
  kernelScales.fill(Math.max(...fitting));
  const weights = quantizeKernel(layer, learned, layout, kernelScales, () => true);
  const bias = Int32Array.from(learned.beta, (beta) => toInt32(beta / (kernelScales[0] * inputScale)));
  if (layer.biasBits) narrowBiases(bias, Math.trunc);
  return { parameters: { kind: 'weighted', weights, bias }, kernelScales };
}

function quantizeKernel(
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

/** Half of the accumulator's range: the products get the other half. */
const LARGEST_BIAS = 2 ** 30;

function toInt32(bias: number): number {
  return Math.round(Math.min(Math.max(bias, -LARGEST_BIAS), LARGEST_BIAS));
}

export function foldPool(count: number, inputScale: number, outputScale: number): PoolParameters {
  const { multiplier, shift } = snapPool(count, inputScale, outputScale);
  return {
    kind: 'pool',
    bias: Math.round(2 ** shift / (2 * multiplier)),
    requantization: { multipliers: Uint16Array.of(multiplier), shift },
  };
}

/** Multipliers at shift 8: bytes, unless an input's scale exceeds the output's. */
export function foldAdd(firstScale: number, secondScale: number, outputScale: number): AddParameters {
  const multiplier = (scale: number): number => Math.min(65535, Math.round((scale / outputScale) * 256));
  return { kind: 'add', multipliers: [multiplier(firstScale), multiplier(secondScale)], bias: 128, shift: 8 };
}
