import {
  hasNarrowMultipliers,
  narrowBiases,
  type Requantization,
  toByteFloat,
  type WeightedLayer,
  type WeightedParameters,
} from '@sparrow/model';
import type { LayerWeights } from '../engine.ts';
import { LARGEST_ACCUMULATOR, LARGEST_ACTIVATION, LARGEST_BIAS, toBias } from './accumulators.ts';
import { BATCH_NORM_EPSILON } from './batchNorm.ts';
import { scaleThatFits, sidesOf } from './bounded-scale.ts';
import { type KernelLayout, quantizeKernel, weightScales } from './kernel.ts';
import { chooseShift, chooseShiftOfFloats, finestShift } from './requantization.ts';

export interface FoldedLayer {
  readonly parameters: WeightedParameters;
  readonly kernelScales: Float32Array;
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
    bias[o] = toBias(offset / unit);
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
    const least = Math.ceil((Math.abs(offsets[o]) * 2 ** shift) / LARGEST_BIAS);
    // That of a constant is as large as any other, so that biases are of one size.
    if (narrow)
      return Math.max(toByteFloat((factor || largest) * 2 ** shift), toByteFloat(Math.max(1, least), Math.ceil));
    if (factor === 0) return constantMultiplier(layer, offsets[o], shift);
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
    const { positive, negative } = sidesOf(layout, o, (i) => weights[i]);
    const highest = LARGEST_ACCUMULATOR - LARGEST_ACTIVATION * positive;
    const lowest = LARGEST_ACTIVATION * negative - LARGEST_ACCUMULATOR;
    bias[o] = Math.max(lowest, Math.min(highest, bias[o]));
  }
}

function gainsOf({ gamma, runningVariance }: LayerWeights): number[] {
  return Array.from(gamma, (gain, o) => gain / Math.sqrt(runningVariance[o] + BATCH_NORM_EPSILON));
}

/** Weight scales, all positive, with which sums keep what the layer promises. */
export function fittingScales(
  layer: WeightedLayer,
  learned: LayerWeights,
  layout: KernelLayout,
  inputScale: number,
  outputScale: number,
): Float32Array {
  const scales = weightScales(learned, layout, layer);
  gainsOf(learned).forEach((gain, o) => {
    if (isConstant(learned, layout, o, gain)) return;
    const unit = (Math.abs(gain) * inputScale) / outputScale;
    const offset = offsetOf(learned, o, gain, outputScale);
    const biasAt = (scale: number) => offset / (unit * Math.abs(scale));
    scales[o] = Math.abs(scaleThatFits(layer, learned, layout, o, Math.sign(gain) * scales[o], biasAt));
  });
  return scales;
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
