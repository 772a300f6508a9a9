import {
  inferShapes,
  isWeighted,
  type Architecture,
  type LayerSpec,
  type Shape,
  type WeightedLayer,
} from '@sparrow/model';
import type { LayerWeights, Weights } from '../engine.ts';
import type { ChannelGroups } from './channel-groups.ts';

export interface PrunedNetwork {
  readonly architecture: Architecture;
  readonly weights: Weights;
}

/**
 * The network without the channels that are not kept, and its weights.
 *
 * @param kept by group of `groups`: channels to keep, ascending, at least one
 */
export function removeChannels(
  architecture: Architecture,
  weights: Weights,
  { groupOfTensor }: ChannelGroups,
  kept: readonly (readonly number[])[],
): PrunedNetwork {
  const shapes = inferShapes(architecture);
  const keptOf = (tensor: number): readonly number[] => {
    const group = groupOfTensor[tensor];
    return group === undefined ? Array.from({ length: shapes[tensor].channels }, (_, channel) => channel) : kept[group];
  };
  const layers = architecture.layers.map((layer, index) => narrow(layer, keptOf(index + 1).length));
  const narrowed: Weights = new Map();
  architecture.layers.forEach((layer, index) => {
    const learned = weights.get(layer.name);
    if (!isWeighted(layer) || learned === undefined) return;
    const [input] = layer.inputs;
    const taken = keptWeights(layer, shapes[input], keptOf(input), keptOf(index + 1));
    narrowed.set(layer.name, selectWeights(learned, taken, keptOf(index + 1)));
  });
  return { architecture: { ...architecture, layers }, weights: narrowed };
}

function narrow(layer: LayerSpec, channels: number): LayerSpec {
  if (layer.kind === 'conv2d') return { ...layer, filters: channels };
  if (layer.kind === 'dense') return { ...layer, units: channels };
  return layer;
}

/** Indices into the layer's kernel, in the order of the narrower kernel; layouts as in `WeightedParameters`. */
function keptWeights(
  layer: WeightedLayer,
  input: Shape,
  inputs: readonly number[],
  outputs: readonly number[],
): number[] {
  const positions = (height: number, width: number) =>
    Array.from({ length: height * width }, (_, position) => position);
  if (layer.kind === 'depthwiseConv2d') {
    const taps = positions(layer.kernel.height, layer.kernel.width);
    return taps.flatMap((tap) => outputs.map((channel) => tap * input.channels + channel));
  }
  const window = layer.kind === 'conv2d' ? layer.kernel : input;
  const taps = positions(window.height, window.width);
  return outputs.flatMap((output) =>
    taps.flatMap((tap) => inputs.map((channel) => (output * taps.length + tap) * input.channels + channel)),
  );
}

function selectWeights(learned: LayerWeights, kernel: readonly number[], channels: readonly number[]): LayerWeights {
  const pick = (values: Float32Array, indices: readonly number[]) => Float32Array.from(indices, (i) => values[i]);
  return {
    kernel: pick(learned.kernel, kernel),
    mask: Uint8Array.from(kernel, (i) => learned.mask[i]),
    gamma: pick(learned.gamma, channels),
    beta: pick(learned.beta, channels),
    steps: pick(learned.steps, channels),
    runningMean: pick(learned.runningMean, channels),
    runningVariance: pick(learned.runningVariance, channels),
  };
}
