import type { LayerSpec, Shape } from '../architecture.ts';
import { type LayerParameters, parametersOfKind } from '../model.ts';
import { accumulateAdd } from './add.ts';
import { accumulateConv2d } from './conv2d.ts';
import { accumulateDense } from './dense.ts';
import { accumulateDepthwiseConv2d } from './depthwise-conv2d.ts';
import { accumulateAveragePool, accumulateGlobalAveragePool, maxPool } from './pool.ts';
import { requantize } from './requantize.ts';

export interface Tensor {
  readonly shape: Shape;
  readonly values: Uint8Array;
}

/** Computes all activations of a layer. `accumulators` is scratch memory of the output's size; the last layer's are the logits. */
export function runLayer(
  layer: LayerSpec,
  parameters: LayerParameters,
  inputs: readonly Tensor[],
  accumulators: Int32Array,
  output: Uint8Array,
): void {
  if (layer.kind === 'maxPool') {
    maxPool(layer, inputs[0].values, inputs[0].shape, output);
    return;
  }
  accumulate(layer, parameters, inputs, accumulators);
  if (parameters.kind === 'add') {
    requantize(accumulators, { multipliers: Uint16Array.of(1), shift: parameters.shift }, output);
  } else if (parameters.kind !== 'none' && parameters.requantization) {
    requantize(accumulators, parameters.requantization, output);
  }
}

/** docs/numerics.md §2 and §4: the sums before requantisation. */
export function accumulate(
  layer: Exclude<LayerSpec, { kind: 'maxPool' }>,
  parameters: LayerParameters,
  inputs: readonly Tensor[],
  accumulators: Int32Array,
): void {
  const { values: x, shape } = inputs[0];
  switch (layer.kind) {
    case 'conv2d':
      return accumulateConv2d(layer, parametersOfKind('weighted', parameters), x, shape, accumulators);
    case 'depthwiseConv2d':
      return accumulateDepthwiseConv2d(layer, parametersOfKind('weighted', parameters), x, shape, accumulators);
    case 'dense':
      return accumulateDense(layer, parametersOfKind('weighted', parameters), x, accumulators);
    case 'averagePool':
      return accumulateAveragePool(layer, parametersOfKind('pool', parameters), x, shape, accumulators);
    case 'globalAveragePool':
      return accumulateGlobalAveragePool(parametersOfKind('pool', parameters), x, shape.channels, accumulators);
    case 'add':
      return accumulateAdd(parametersOfKind('add', parameters), x, inputs[1].values, accumulators);
  }
}
