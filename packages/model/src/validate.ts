import { type AccumulatorRange, analyzeRanges } from './accumulator.ts';
import {
  hasNarrowMultipliers,
  isWeighted,
  type LayerSpec,
  type Shape,
  tieOf,
  type WeightBits,
  type WeightedLayer,
} from './architecture.ts';
import { biasStepExponent } from './bias-step.ts';
import { isByteFloat } from './byte-float.ts';
import { outputChannels, weightCount } from './counts.ts';
import { layerError, ModelError } from './errors.ts';
import {
  type AddParameters,
  type LayerParameters,
  type Model,
  parametersOfKind,
  type PoolParameters,
  type Requantization,
  type WeightedParameters,
} from './model.ts';
import { inferShapes } from './shapes.ts';
import { firstOfOrbit, weightOrbits } from './symmetry.ts';

type Fail = (complaint: string) => ModelError;

/** Largest magnitude of a weight, by width: symmetric ranges, so that −128 and −8 do not occur. */
export const LARGEST_WEIGHT = { 8: 127, 4: 7, 2: 1 } as const satisfies Record<WeightBits, number>;

const PARAMETER_KINDS = {
  conv2d: 'weighted',
  depthwiseConv2d: 'weighted',
  dense: 'weighted',
  averagePool: 'pool',
  globalAveragePool: 'pool',
  add: 'add',
  maxPool: 'none',
} as const satisfies Record<LayerSpec['kind'], LayerParameters['kind']>;

/**
 * Throws a `ModelError` (one line that names the layer) unless the architecture is valid, all parameters are within
 * their widths and lengths, and every accumulator provably fits 32 bits for every image (docs/numerics.md §1), or the
 * 16 that its layer promises; layers that are tied have the same weights, and filters with a symmetry those of their orbit's first.
 */
export function validateModel(model: Model): void {
  const { architecture, parameters } = model;
  const { layers } = architecture;
  const shapes = inferShapes(architecture);
  if (parameters.length !== layers.length) {
    throw new ModelError(`${model.name}: ${layers.length} layers, but parameters for ${parameters.length}`);
  }
  layers.forEach((layer, index) => {
    const fail = (complaint: string) => layerError(layer, index, complaint);
    checkParameters(layer, parameters[index], shapes[layer.inputs[0]], fail);
    checkTiedWeights(model, index, fail);
    checkOrbits(layer, parameters[index], shapes[layer.inputs[0]], fail);
  });
  analyzeRanges(model).accumulators.forEach((ranges, index) => {
    const fail = (complaint: string) => layerError(layers[index], index, complaint);
    const bits = promisedBits(layers[index]);
    ranges.forEach((range, channel) => checkRange(range, bits, channel, fail));
  });
}

function checkParameters(layer: LayerSpec, parameters: LayerParameters, input: Shape, fail: Fail): void {
  const wanted = PARAMETER_KINDS[layer.kind];
  if (parameters.kind !== wanted) throw fail(`${layer.kind} has parameters of kind ${wanted}, not ${parameters.kind}`);
  if (parameters.kind === 'pool') checkPool(parameters, fail);
  if (parameters.kind === 'add') checkAdd(parameters, fail);
  if (parameters.kind === 'weighted') checkWeighted(layer as WeightedLayer, parameters, input, fail);
}

function checkTiedWeights({ architecture: { layers }, parameters }: Model, index: number, fail: Fail): void {
  const tiedTo = tieOf(layers[index]);
  if (tiedTo === undefined) return;
  const theirs = parametersOfKind('weighted', parameters[layers.findIndex(({ name }) => name === tiedTo)]);
  const { weights } = parametersOfKind('weighted', parameters[index]);
  const other = weights.findIndex((weight, position) => weight !== theirs.weights[position]);
  if (other >= 0)
    throw fail(`weight ${other} is ${weights[other]}, but ${theirs.weights[other]} in ${tiedTo}, which it is tied to`);
}

function checkOrbits(layer: LayerSpec, parameters: LayerParameters, { channels }: Shape, fail: Fail): void {
  if (layer.kind !== 'conv2d' || layer.symmetry === undefined) return;
  const { weights, bias, requantization } = parametersOfKind('weighted', parameters);
  const orbits = weightOrbits(layer, channels);
  const firstOf = (channel: number): number => firstOfOrbit(layer, channel);
  const check = (
    what: string,
    values: Int8Array | Int32Array | Uint16Array,
    source: (index: number) => number,
  ): void => {
    const other = values.findIndex((value, index) => value !== values[source(index)]);
    if (other < 0) return;
    const wanted = `but ${values[source(other)]} in the first filter of its orbit (symmetry '${layer.symmetry}')`;
    throw fail(`${what} ${other} is ${values[other]}, ${wanted}`);
  };
  check('weight', weights, (index) => orbits[index]);
  check('bias', bias, firstOf);
  if (requantization) check('multiplier', requantization.multipliers, firstOf);
}

function checkWeighted(layer: WeightedLayer, parameters: WeightedParameters, input: Shape, fail: Fail): void {
  const { weights, bias, requantization } = parameters;
  const channels = outputChannels(layer, input);
  const count = weightCount(layer, input);
  if (weights.length !== count) throw fail(`needs ${count} weights, has ${weights.length}`);
  if (bias.length !== channels) throw fail(`needs ${channels} biases, one a channel, has ${bias.length}`);
  const limit = LARGEST_WEIGHT[layer.weightBits];
  const wide = weights.findIndex((weight) => Math.abs(weight) > limit);
  if (wide >= 0) {
    throw fail(
      `weight ${wide} is ${weights[wide]}, but with weightBits ${layer.weightBits} it must be −${limit} to ${limit}`,
    );
  }
  if (layer.biasBits !== undefined && biasStepExponent(bias) === undefined) {
    throw fail('its biases are not multiples −127…127 of a power of two, as its biasBits 8 promises');
  }
  const givesLogits = layer.kind === 'dense' && layer.activation === 'none';
  if (givesLogits && requantization) throw fail('gives the logits, so it must not have a requantization');
  if (givesLogits) return;
  if (!requantization) throw fail('has no requantization; only the last layer goes without');
  checkRequantization(requantization, channels, fail);
  if (!hasNarrowMultipliers(layer)) return;
  const other = requantization.multipliers.findIndex((multiplier) => !isByteFloat(multiplier));
  if (other >= 0) {
    throw fail(
      `multiplier ${other} is ${requantization.multipliers[other]}, which is no float of a byte, as its multiplierBits 8 promises`,
    );
  }
}

function checkPool({ bias, requantization }: PoolParameters, fail: Fail): void {
  checkBias(bias, fail);
  checkRequantization(requantization, 1, fail);
}

function checkAdd({ bias, multipliers, shift }: AddParameters, fail: Fail): void {
  checkBias(bias, fail);
  checkShift(shift, fail);
  const valid = multipliers.every((value) => Number.isInteger(value) && value >= 0 && value <= 65_535);
  if (multipliers.length !== 2 || !valid) {
    throw fail(`multipliers must be two integers in 0…65535, not ${multipliers.join(' and ')}`);
  }
}

function checkBias(bias: number, fail: Fail): void {
  if ((bias | 0) !== bias) throw fail(`bias ${bias} is not a signed 32-bit integer`);
}

function checkShift(shift: number, fail: Fail): void {
  if (![0, 8, 16, 24].includes(shift)) throw fail(`shift must be 0, 8, 16 or 24, not ${shift}`);
}

function checkRequantization({ multipliers, shift }: Requantization, count: number, fail: Fail): void {
  checkShift(shift, fail);
  if (multipliers.length !== count) throw fail(`needs ${count} multiplier(s), has ${multipliers.length}`);
  const zero = multipliers.indexOf(0);
  if (zero >= 0) throw fail(`multiplier ${zero} is 0; multipliers are 1…65535 (for an empty channel take 1)`);
}

function promisedBits(layer: LayerSpec): number {
  return (isWeighted(layer) ? layer.accumulatorBits : undefined) ?? 32;
}

function checkRange({ lowest, highest }: AccumulatorRange, bits: number, channel: number, fail: Fail): void {
  if (lowest < -(2 ** (bits - 1)) || highest >= 2 ** (bits - 1)) {
    throw fail(`the accumulator of channel ${channel} can be ${lowest}…${highest}, which does not fit ${bits} bits`);
  }
}
