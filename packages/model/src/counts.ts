import type { Architecture, LayerSpec, Shape, WeightedLayer } from './architecture.ts';
import { isWeighted } from './architecture.ts';
import { inferShapes, shapeSize } from './shapes.ts';

/** Weights that feed one output channel: the length of its sum, padding included. */
export function weightsPerChannel(layer: WeightedLayer, input: Shape): number {
  switch (layer.kind) {
    case 'conv2d':
      return layer.kernel.height * layer.kernel.width * input.channels;
    case 'depthwiseConv2d':
      return layer.kernel.height * layer.kernel.width;
    case 'dense':
      return shapeSize(input);
  }
}

export function outputChannels(layer: WeightedLayer, input: Shape): number {
  switch (layer.kind) {
    case 'conv2d':
      return layer.filters;
    case 'depthwiseConv2d':
      return input.channels;
    case 'dense':
      return layer.units;
  }
}

/** Number of weights (biases and multipliers not included); 0 for layers without weights. */
export function weightCount(layer: LayerSpec, input: Shape): number {
  return isWeighted(layer) ? outputChannels(layer, input) * weightsPerChannel(layer, input) : 0;
}

export interface MacCounts {
  readonly total: number;
  /** `byLayer[i]` belongs to `architecture.layers[i]`; 0 for layers without weights. */
  readonly byLayer: readonly number[];
}

/**
 * Multiply-accumulates of one inference: outputs × weights that feed one output, dense layers included, taps that fall
 * on padding and zero weights included. Additions of biases, pools and residuals are not counted.
 */
export function countMacs(architecture: Architecture): MacCounts {
  const shapes = inferShapes(architecture);
  const byLayer = architecture.layers.map((layer, index) =>
    isWeighted(layer) ? shapeSize(shapes[index + 1]) * weightsPerChannel(layer, shapes[layer.inputs[0]]) : 0,
  );
  return { total: byLayer.reduce((sum, macs) => sum + macs, 0), byLayer };
}
