import type { LayerSpec, Size, WeightedLayer } from '@sparrow/model';
import { isWeighted, orbitSize, outputChannels, weightCount } from '@sparrow/model';
import { CLIPPING_DEVIATIONS, isLastLayer, kernelLayout, largestSum, LARGEST_WEIGHT } from '../quantization/index.ts';
import type { Arena, Field } from './arena.ts';
import { allocateCorrelations, backwardCorrelations, forwardCorrelations } from './correlations.ts';
import { allocateTensor, NO_HALO } from './tensors.ts';
import type { BatchTensor } from './tensors.ts';

/** `enum Kind` of kernels/network.h. */
const KINDS = { weighted: 0, maxPool: 1, averagePool: 2, add: 3 } as const;

/** Addresses of a weighted layer's arrays; one value a channel unless it says otherwise. */
export interface WeightedPlan {
  readonly channels: number;
  readonly kernelLength: number;
  /** Kernel, gamma, beta, steps; the next three are as long. */
  readonly parameters: number;
  readonly gradients: number;
  readonly firstMoments: number;
  readonly secondMoments: number;
  /** Of the kernel, bytes. */
  readonly mask: number;
  readonly runningMean: number;
  readonly runningVariance: number;
  /** What the forward pass computes with, layout of the kernel. In `integer` arithmetic this and the rest come from `foldNetwork`. */
  readonly weights: number;
  readonly weightScale: number;
  readonly bias: number;
  readonly multiplier: number;
  /** One for the layer. */
  readonly isWide: number;
}

export interface LayerPlan {
  readonly layer: LayerSpec;
  /** The `Layer` of kernels/network.h. */
  readonly record: readonly Field[];
  readonly weighted?: WeightedPlan;
  /** The `Constants` of kernels/network.h: three doubles. */
  readonly constants: number;
}

export interface LayerTensor {
  readonly values: BatchTensor;
  /** None where no weights come before. */
  readonly gradient: BatchTensor | undefined;
}

export interface LayerInput extends LayerTensor {
  /** Another layer has written the gradient before this one does. */
  readonly accumulates: boolean;
}

export function planLayer(
  arena: Arena,
  layer: LayerSpec,
  inputs: readonly LayerInput[],
  output: LayerTensor,
  groups: number,
): LayerPlan {
  const constants = arena.allocate(3 * 8);
  const weighted = isWeighted(layer) ? planWeighted(arena, layer, inputs[0], output, groups) : undefined;
  const { kind, window, stride } = slidingWindow(layer, inputs[0].values.shape);
  const [first, second] = inputs;
  const record: Field[] = [
    KINDS[kind],
    first.values.address,
    second?.values.address ?? 0,
    output.values.address,
    first.gradient?.address ?? 0,
    second?.gradient?.address ?? 0,
    output.gradient?.address ?? 0,
    Number(first.accumulates),
    Number(second?.accumulates ?? false),
    weighted ? arena.records([weighted.record]) : 0,
    window.height,
    window.width,
    stride.height,
    stride.width,
    constants,
  ];
  return { layer, record, weighted: weighted?.plan, constants };
}

const ONE_PIXEL: Size = { height: 1, width: 1 };

function slidingWindow(layer: LayerSpec, input: Size): { kind: keyof typeof KINDS; window: Size; stride: Size } {
  switch (layer.kind) {
    case 'maxPool':
    case 'averagePool':
      return { kind: layer.kind, window: layer.window, stride: layer.stride };
    case 'globalAveragePool':
      return { kind: 'averagePool', window: input, stride: input };
    case 'add':
      return { kind: 'add', window: ONE_PIXEL, stride: ONE_PIXEL };
    default:
      return { kind: 'weighted', window: ONE_PIXEL, stride: ONE_PIXEL };
  }
}

function planWeighted(
  arena: Arena,
  layer: WeightedLayer,
  input: LayerTensor,
  output: LayerTensor,
  groups: number,
): { plan: WeightedPlan; record: Field[] } {
  const { shape } = input.values;
  const channels = outputChannels(layer, shape);
  const plan = allocateArrays(arena, channels, weightCount(layer, shape));
  const accumulator = allocateTensor(arena, output.values.shape, NO_HALO, groups);
  const forward = forwardCorrelations(layer, input.values, accumulator);
  const { gradient } = output;
  if (!gradient) throw new Error(`layer ${layer.name}: a layer with weights has no gradient`);
  const backward = input.gradient ? backwardCorrelations(layer, gradient, input.gradient) : [];
  const layout = kernelLayout(layer, plan.kernelLength, channels);
  const perChannel = () => arena.allocateWords(channels);
  const record: Field[] = [
    channels,
    layout.weightsPerChannel,
    layout.channelStride,
    layout.weightStride,
    plan.kernelLength,
    { float: LARGEST_WEIGHT[layer.weightBits] },
    { float: CLIPPING_DEVIATIONS[layer.weightBits] },
    { float: largestSum(layer) },
    Number(isLastLayer(layer)),
    orbitSize(layer),
    plan.parameters,
    plan.gradients,
    plan.firstMoments,
    plan.secondMoments,
    arena.allocateWords(4 * plan.kernelLength),
    plan.mask,
    plan.runningMean,
    plan.runningVariance,
    plan.weights,
    plan.weightScale,
    perChannel(),
    plan.bias,
    plan.multiplier,
    plan.isWide,
    ...Array.from({ length: 6 }, perChannel),
    arena.allocate(2 * 8 * channels),
    perChannel(),
    accumulator.address,
    allocateCorrelations(arena, forward),
    forward.length,
    allocateCorrelations(arena, backward),
    backward.length,
  ];
  return { plan, record };
}

function allocateArrays(arena: Arena, channels: number, kernelLength: number): WeightedPlan {
  const parameters = () => arena.allocateWords(kernelLength + 3 * channels);
  const perChannel = () => arena.allocateWords(channels);
  return {
    channels,
    kernelLength,
    parameters: parameters(),
    gradients: parameters(),
    firstMoments: parameters(),
    secondMoments: parameters(),
    mask: arena.allocate(kernelLength),
    runningMean: perChannel(),
    runningVariance: perChannel(),
    weights: arena.allocateWords(kernelLength),
    weightScale: perChannel(),
    bias: perChannel(),
    multiplier: perChannel(),
    isWide: arena.allocateWords(1),
  };
}
