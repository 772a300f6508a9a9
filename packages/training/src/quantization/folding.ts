import {
  type AddParameters,
  type Architecture,
  isWeighted,
  type LayerParameters,
  narrowBiases,
  type PoolParameters,
  shareChannels,
  shareOrbits,
  type Shape,
  tiedGroups,
  type WeightedLayer,
} from '@sparrow/model';
import type { LayerWeights, Weights } from '../engine.ts';
import { toBias } from './accumulators.ts';
import { fittingScales, foldBatchNorm, type FoldedLayer } from './batch-norm-folding.ts';
import { scaleThatFits } from './bounded-scale.ts';
import { isLastLayer, type KernelLayout, kernelLayout, quantizeKernel, weightScales } from './kernel.ts';
import { snapPool } from './requantization.ts';

export interface FoldedNetwork {
  /** `parameters[i]` belongs to layer i. */
  readonly parameters: LayerParameters[];
  /** Real logit = logitScale · integer logit. */
  readonly logitScale: number;
  /** By layer name, one a channel: real weight = scale · integer weight. Negative where a negative gamma turned the signs around. */
  readonly kernelScales: ReadonlyMap<string, Float32Array>;
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
        shareFolded(layer, shapes[input].channels, folded);
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

/** In place: integers of an orbit are those of its first filter. Rounding may have told filters apart that are the same but for their order. */
function shareFolded(layer: WeightedLayer, inputChannels: number, { parameters, kernelScales }: FoldedLayer): void {
  shareOrbits(layer, inputChannels, parameters.weights);
  shareChannels(layer, parameters.bias);
  shareChannels(layer, kernelScales);
  if (parameters.requantization) shareChannels(layer, parameters.requantization.multipliers);
}

function weightsOf(weights: Weights, layer: WeightedLayer): LayerWeights {
  const learned = weights.get(layer.name);
  if (!learned) throw new Error(`layer ${layer.name} has no weights`);
  return learned;
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

function foldLast(layer: WeightedLayer, learned: LayerWeights, layout: KernelLayout, inputScale: number): FoldedLayer {
  const kernelScales = weightScales(learned, layout, layer);
  const fitting = Array.from(kernelScales, (scale, o) =>
    scaleThatFits(layer, learned, layout, o, scale, (wider) => learned.beta[o] / (wider * inputScale)),
  );
  kernelScales.fill(Math.max(...fitting));
  const weights = quantizeKernel(layer, learned, layout, kernelScales, () => true);
  const bias = Int32Array.from(learned.beta, (beta) => toBias(beta / (kernelScales[0] * inputScale)));
  if (layer.biasBits) narrowBiases(bias, Math.trunc);
  return { parameters: { kind: 'weighted', weights, bias }, kernelScales };
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
