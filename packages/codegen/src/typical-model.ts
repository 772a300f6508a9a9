import {
  hasNarrowMultipliers,
  inferShapes,
  isWeighted,
  LARGEST_WEIGHT,
  seededRandom,
  shareOrbits,
  outputChannels,
  tieOf,
  toByteFloat,
  weightCount,
  weightsPerChannel,
  type Architecture,
  type LayerParameters,
  type LayerSpec,
  type Model,
  type Random,
  type Requantization,
  type Shape,
  type WeightedLayer,
} from '@sparrow/model';

export interface TypicalWeights {
  /**
   * Of the sums that hold them: 16 for weights that a trainer keeps small enough, 24 for those that use all of their width. Layers
   * that promise 16 keep it in any case.
   */
  readonly sumBits: 16 | 24;
  /** Fraction of zeros. */
  readonly sparsity: number;
}

/** A channel's positive weights, and its negative ones, may sum up to this if 16 bits are to hold any sum of pixels up to 255. */
const LARGEST_SUM = 128;

/** A model as training would leave it, as far as its time on the chip is concerned: it computes nothing sensible. */
export function typicalModel(name: string, architecture: Architecture, weights: TypicalWeights): Model {
  const random = seededRandom(1);
  const shapes = inferShapes(architecture);
  const byName = new Map<string, LayerParameters>();
  const parameters = architecture.layers.map((layer, index): LayerParameters => {
    const input = shapes[layer.inputs[0]];
    const shared = byName.get(tieOf(layer) ?? '');
    const own = isWeighted(layer)
      ? narrowed(layer, shared ?? weightedParameters(layer, input, weights, random, index === shapes.length - 2))
      : otherParameters(layer, input);
    byName.set(layer.name, own);
    return own;
  });
  return { name, architecture, parameters, provenance: {} };
}

function weightedParameters(
  layer: WeightedLayer,
  input: Shape,
  { sumBits, sparsity }: TypicalWeights,
  random: Random,
  isLast: boolean,
): LayerParameters {
  const channels = outputChannels(layer, input);
  const perChannel = weightsPerChannel(layer, input);
  const weights = new Int8Array(weightCount(layer, input));
  for (let channel = 0; channel < channels; channel++) {
    const own = drawChannel(
      perChannel,
      LARGEST_WEIGHT[layer.weightBits],
      layer.accumulatorBits ?? sumBits,
      sparsity,
      random,
    );
    own.forEach((weight, tap) => {
      weights[layer.kind === 'depthwiseConv2d' ? tap * channels + channel : channel * perChannel + tap] = weight;
    });
  }
  shareOrbits(layer, input.channels, weights);
  const deviation = Math.sqrt(weights.reduce((sum, weight) => sum + weight ** 2, 0) / channels);
  const requantization = requantizationFor(Math.max(1, 100 * deviation), channels);
  return { kind: 'weighted', weights, bias: new Int32Array(channels), ...(isLast ? {} : { requantization }) };
}

/** Normally distributed, the largest at the end of the width; for 16-bit sums scaled down until those are proven to fit. */
function drawChannel(count: number, largest: number, sumBits: 16 | 24, sparsity: number, random: Random): number[] {
  const normal = Array.from({ length: count }, () => {
    return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  });
  // A trainer that prunes keeps the largest.
  const threshold = normal.map(Math.abs).sort((a, b) => a - b)[Math.floor(sparsity * count)];
  const kept = normal.map((value) => (sparsity > 0 && Math.abs(value) < threshold ? 0 : value));
  const least = sparsity > 0 ? 1 : 0;
  const quantized = (scale: number): number[] =>
    kept.map((value) => {
      const magnitude = Math.min(largest, Math.max(least, Math.round(scale * Math.abs(value))));
      return value === 0 ? 0 : Math.sign(value) * magnitude;
    });
  const fits = (weights: readonly number[]): boolean =>
    [1, -1].every((sign) => weights.reduce((sum, weight) => sum + Math.max(0, sign * weight), 0) <= LARGEST_SUM);
  // Ternary weights: about half of them are 0 (Li, Zhang and Liu 2016).
  let scale = largest === 1 ? 0.75 : largest / Math.max(...kept.map(Math.abs));
  while (sumBits === 16 && !fits(quantized(scale)) && scale > 1e-3) scale *= 0.97;
  return quantized(scale);
}

/** As the trainer chooses it: a multiplier of one byte if that leaves it enough steps. */
function requantizationFor(top: number, channels: number): Requantization {
  const factor = 255 / (2 * top);
  const shifts = [24, 16, 8, 0] as const;
  const byte = shifts.find((shift) => factor * 2 ** shift <= 255);
  const word = shifts.find((shift) => factor * 2 ** shift <= 65_535) ?? 0;
  const shift = byte !== undefined && factor * 2 ** byte >= 16 ? byte : word;
  return { multipliers: new Uint16Array(channels).fill(Math.max(1, Math.floor(factor * 2 ** shift))), shift };
}

/** With multipliers as the layer promises them, whoever its weights are from; rounded down, so that what fits a byte still does. */
function narrowed(layer: WeightedLayer, parameters: LayerParameters): LayerParameters {
  if (!hasNarrowMultipliers(layer) || parameters.kind !== 'weighted' || !parameters.requantization) return parameters;
  const { multipliers, shift } = parameters.requantization;
  const floats = multipliers.map((multiplier) => toByteFloat(multiplier, Math.floor));
  return { ...parameters, requantization: { multipliers: floats, shift } };
}

function otherParameters(layer: LayerSpec, input: Shape): LayerParameters {
  if (layer.kind === 'maxPool') return { kind: 'none' };
  if (layer.kind === 'add') return { kind: 'add', multipliers: [150, 97], bias: 128, shift: 8 };
  const window = layer.kind === 'averagePool' ? layer.window : input;
  const count = window.height * window.width;
  const shift = count < 16 ? 8 : 16;
  return {
    kind: 'pool',
    bias: Math.floor(count / 2),
    requantization: { multipliers: Uint16Array.of(Math.floor(2 ** shift / count)), shift },
  };
}
