import type { Architecture } from '@sparrow/model';
import { inferShapes, isWeighted, outputChannels, weightsPerChannel } from '@sparrow/model';
import type { LayerWeights, Weights } from './engine.ts';
import { isLastLayer } from './quantization/index.ts';
import { Random } from './random.ts';

/**
 * Weights of a new network, the same in every engine: kernels normal with variance 2 / fan-in (He et al. 2015, eq. 10), the last
 * layer's 1 / fan-in as no ReLU follows it; nothing pruned; gamma 1, beta 0, running mean 0 and variance 1.
 */
export function initialWeights(architecture: Architecture, seed: number): Weights {
  const shapes = inferShapes(architecture);
  const weights: Weights = new Map();
  architecture.layers.forEach((layer, index) => {
    if (!isWeighted(layer)) return;
    const input = shapes[layer.inputs[0]];
    const channels = outputChannels(layer, input);
    const fanIn = weightsPerChannel(layer, input);
    const deviation = Math.sqrt((isLastLayer(layer) ? 1 : 2) / fanIn);
    const random = new Random(seed, index);
    const kernel = Float32Array.from({ length: channels * fanIn }, () => deviation * random.normal());
    weights.set(layer.name, newLayerWeights(kernel, channels));
  });
  return weights;
}

function newLayerWeights(kernel: Float32Array, channels: number): LayerWeights {
  return {
    kernel,
    mask: new Uint8Array(kernel.length).fill(1),
    gamma: new Float32Array(channels).fill(1),
    beta: new Float32Array(channels),
    steps: new Float32Array(channels),
    runningMean: new Float32Array(channels),
    runningVariance: new Float32Array(channels).fill(1),
  };
}
