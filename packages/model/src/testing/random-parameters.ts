import { hasNarrowMultipliers, type LayerSpec, type Shape, type WeightedLayer } from '../architecture.ts';
import { narrowBiases } from '../bias-step.ts';
import { toByteFloat } from '../byte-float.ts';
import { weightsPerChannel } from '../counts.ts';
import { LARGEST_WEIGHT } from '../validate.ts';
import { accumulate, type Tensor } from '../interpreter/layer.ts';
import type { AddParameters, LayerParameters, PoolParameters, Requantization, WeightedParameters } from '../model.ts';
import { shapeSize } from '../shapes.ts';
import { shareChannels, shareOrbits } from '../symmetry.ts';
import { chance, integer, pick, type Random } from './random.ts';

const SHIFTS = [0, 8, 16, 24] as const;
const INT32_MAX = 2 ** 31 - 1;

/**
 * Parameters with which a layer is alive: scales and biases are chosen from what the layer computes for some images, so
 * that its outputs spread over 0…255. `inputs[image]` are the tensors that it reads; `shared` the weights that it has from
 * another layer.
 */
export function randomParameters(
  layer: LayerSpec,
  inputs: readonly (readonly Tensor[])[],
  outputShape: Shape,
  random: Random,
  shared?: Int8Array,
): LayerParameters {
  switch (layer.kind) {
    case 'conv2d':
    case 'depthwiseConv2d':
    case 'dense':
      return randomWeighted(layer, inputs, outputShape, random, shared);
    case 'averagePool':
      return randomPool(layer.window.height * layer.window.width, random);
    case 'globalAveragePool':
      return randomPool(inputs[0][0].shape.height * inputs[0][0].shape.width, random);
    case 'add':
      return randomAdd(random);
    case 'maxPool':
      return { kind: 'none' };
  }
}

function randomWeighted(
  layer: WeightedLayer,
  inputs: readonly (readonly Tensor[])[],
  outputShape: Shape,
  random: Random,
  shared?: Int8Array,
): WeightedParameters {
  const input = inputs[0][0].shape;
  const { channels } = outputShape;
  const perChannel = weightsPerChannel(layer, input);
  const channelOf = (index: number) =>
    layer.kind === 'depthwiseConv2d' ? index % channels : Math.floor(index / perChannel);
  const weights = shared?.slice() ?? randomWeights(layer, channels, channelOf, perChannel, random);
  shareOrbits(layer, input.channels, weights);

  const unbiased: WeightedParameters = { kind: 'weighted', weights, bias: new Int32Array(channels) };
  const samples = sampleAccumulators(layer, unbiased, inputs, outputShape);
  const bias = Int32Array.from(samples, (sorted) => randomBias(sorted, random));
  if (layer.biasBits !== undefined) {
    narrowBiases(bias, Math.round);
  } else if (channels > 1 && chance(random, 0.15)) {
    const extreme = integer(random, 1, channels - 1);
    const own = weights.filter((_, index) => channelOf(index) === extreme);
    bias[extreme] = extremeBias(own, random);
  }
  shareChannels(layer, bias);
  if (layer.kind === 'dense' && layer.activation === 'none') return { kind: 'weighted', weights, bias };
  const tops = samples.map((sorted, channel) => quantile(sorted, 0.95) + bias[channel]);
  const requantization = randomRequantization(tops, random);
  if (hasNarrowMultipliers(layer)) {
    requantization.multipliers.forEach((value, channel) => (requantization.multipliers[channel] = toByteFloat(value)));
  }
  shareChannels(layer, requantization.multipliers);
  return { kind: 'weighted', weights, bias, requantization };
}

/** Full range, small or extreme values; dense, or sparse with some channels that are all zero (never the first). */
function randomWeights(
  layer: WeightedLayer,
  channels: number,
  channelOf: (index: number) => number,
  perChannel: number,
  random: Random,
): Int8Array {
  const limit = LARGEST_WEIGHT[layer.weightBits];
  const amplitude = chance(random, 0.3) ? Math.min(limit, integer(random, 1, 15)) : limit;
  const extremesOnly = chance(random, 0.1);
  const sparsity = pick(random, [0, 0, 0, 0.5, 0.8, 0.95]);
  const empty = Array.from({ length: channels }, (_, channel) => channel > 0 && sparsity > 0 && chance(random, 0.15));
  const survivors = Array.from({ length: channels }, () => integer(random, 0, perChannel - 1));
  const placed = new Uint16Array(channels);
  return new Int8Array(channels * perChannel).map((_, index) => {
    const channel = channelOf(index);
    const survives = placed[channel]++ === survivors[channel];
    if (empty[channel] || (!survives && chance(random, sparsity))) return 0;
    const magnitude = extremesOnly ? limit : integer(random, survives ? 1 : 0, amplitude);
    return chance(random, 0.5) ? magnitude : -magnitude;
  });
}

/** By channel, the sorted accumulators of all images. */
function sampleAccumulators(
  layer: WeightedLayer,
  parameters: WeightedParameters,
  inputs: readonly (readonly Tensor[])[],
  outputShape: Shape,
): Int32Array[] {
  const outputs = inputs.map((tensors) => {
    const accumulators = new Int32Array(shapeSize(outputShape));
    accumulate(layer, parameters, tensors, accumulators);
    return accumulators;
  });
  const { channels } = outputShape;
  return Array.from({ length: channels }, (_, channel) => {
    const values = outputs.flatMap((output) => [...output.filter((_, index) => index % channels === channel)]);
    return Int32Array.from(values).sort();
  });
}

function quantile(sorted: Int32Array, fraction: number): number {
  return sorted[Math.floor(fraction * (sorted.length - 1))];
}

/** Puts zero somewhere among the accumulators that were seen; a constant channel gets any small constant. */
function randomBias(sorted: Int32Array, random: Random): number {
  if (sorted[0] === sorted[sorted.length - 1]) return integer(random, -100, 1000) - sorted[0];
  return -quantile(sorted, 0.7 * random());
}

/** Drives the channel's accumulator to an end of the 32-bit range for some input. */
function extremeBias(weights: Int8Array, random: Random): number {
  const sum = (select: (weight: number) => number) => 255 * weights.reduce((total, w) => total + select(w), 0);
  const highest = sum((weight) => Math.max(0, weight));
  const lowest = sum((weight) => Math.min(0, weight));
  return chance(random, 0.5) ? INT32_MAX - highest : -INT32_MAX - 1 - lowest;
}

/** Maps about `tops[channel]` to about 255. Mostly a shift at which the multipliers are exact enough, sometimes any. */
function randomRequantization(tops: readonly number[], random: Random): Requantization {
  const scales = tops.map((top) => integer(random, 150, 400) / Math.max(1, top));
  const typical = [...scales].sort((a, b) => a - b)[Math.floor(scales.length / 2)];
  const exact = SHIFTS.filter((shift) => typical * 2 ** shift >= 8 && typical * 2 ** shift <= 65_535);
  const shift = pick(random, exact.length > 0 && chance(random, 0.95) ? exact : SHIFTS);
  return { multipliers: Uint16Array.from(scales, (scale) => multiplier(scale * 2 ** shift)), shift };
}

function multiplier(value: number): number {
  return Math.min(65_535, Math.max(1, Math.round(value)));
}

function randomPool(windowSize: number, random: Random): PoolParameters {
  const scale = (chance(random, 0.5) ? 1 : 0.3 + 2 * random()) / windowSize;
  const shift = pick(
    random,
    SHIFTS.filter((candidate) => scale * 2 ** candidate >= 0.5 && scale * 2 ** candidate < 65_536),
  );
  const bias = pick(random, [0, Math.floor(windowSize / 2), integer(random, -50 * windowSize, 50 * windowSize)]);
  return { kind: 'pool', bias, requantization: { multipliers: Uint16Array.of(multiplier(scale * 2 ** shift)), shift } };
}

function randomAdd(random: Random): AddParameters {
  const shift = pick(random, [0, 0, 8, 8, 8, 8, 8, 8, 8, 16, 16, 16, 16, 16, 16, 24] as const);
  const one = Math.min(65_535, 2 ** shift);
  const factor = (least: number) => Math.min(65_535, Math.round(one * pick(random, [least, 0.5, 1, 1.5 * random()])));
  const multipliers: [number, number] = [factor(0.5), factor(0)];
  const bias = pick(random, [0, Math.floor(one / 2), integer(random, -30 * one, 30 * one)]);
  return {
    kind: 'add',
    multipliers: chance(random, 0.5) ? multipliers : [multipliers[1], multipliers[0]],
    bias,
    shift,
  };
}
