import { type Architecture, isWeighted, type WeightedLayer } from '@sparrow/model';
import type { LayerWeights, Weights } from '../engine.ts';
import { isLastLayer, kernelLayout, LARGEST_WEIGHT, rootMeanSquares, weightScales } from './kernel.ts';

/**
 * Step sizes of coarse weights, learned as in LSQ (Esser et al. 2020, "Learned Step Size Quantization"), but in root mean squares of the channel's
 * weights: batch norm makes their size meaningless, so a step that is learned as such would drift away from weights that grow.
 */

/** Least a learned step may become. */
export const SMALLEST_STEP = Math.fround(0.01);

/** In place: steps that are not learned yet become those that the weights alone give. */
export function beginSteps({ layers }: Architecture, weights: Weights): void {
  for (const layer of layers) {
    const learned = weights.get(layer.name);
    if (!isWeighted(layer) || !learned || !losesByRounding(layer) || isLearned(learned)) continue;
    const layout = kernelLayout(layer, learned.kernel.length, learned.steps.length);
    const scales = weightScales(learned, layout, layer);
    const units = rootMeanSquares(learned, layout, layer);
    learned.steps.set(scales.map((scale, channel) => Math.max(SMALLEST_STEP, scale / (units[channel] || 1))));
  }
}

/** Weights of 8 bits lose next to nothing. */
function losesByRounding({ weightBits }: WeightedLayer): boolean {
  return weightBits < 8;
}

function isLearned({ steps }: LayerWeights): boolean {
  return steps[0] !== 0;
}

/** In place: learned steps are never 0. */
export function keepPositive(steps: Float32Array): void {
  steps.forEach((step, channel) => {
    if (step !== 0 && step < SMALLEST_STEP) steps[channel] = SMALLEST_STEP;
  });
}

/**
 * In place, from the gradients by kernels to those by steps that are learned as well (LSQ, eq. 3): a weight that is rounded follows its rounding error, one that is
 * clipped its sign, and learns nothing itself. A last layer has one step for all of its channels.
 */
export function addStepGradients({ layers }: Architecture, weights: Weights, gradients: Weights): void {
  for (const layer of layers) {
    const learned = weights.get(layer.name);
    const gradient = gradients.get(layer.name);
    if (isWeighted(layer) && learned && gradient && isLearned(learned)) addGradients(layer, learned, gradient);
  }
}

function addGradients(layer: WeightedLayer, learned: LayerWeights, gradient: LayerWeights): void {
  const layout = kernelLayout(layer, learned.kernel.length, learned.steps.length);
  const scales = weightScales(learned, layout, layer);
  const units = rootMeanSquares(learned, layout, layer);
  const largest = LARGEST_WEIGHT[layer.weightBits];
  for (let channel = 0; channel < layout.channels; channel++) {
    let sum = 0;
    for (let n = 0, i = channel * layout.channelStride; n < layout.weightsPerChannel; n++, i += layout.weightStride) {
      const exact = learned.kernel[i] / scales[channel];
      const isClipped = Math.abs(exact) > largest;
      sum += gradient.kernel[i] * (isClipped ? Math.sign(exact) * largest : Math.floor(exact + 0.5) - exact);
      if (isClipped) gradient.kernel[i] = 0;
    }
    // Where accumulators are bounded, the bound may decide instead of the step.
    const decides = scales[channel] === Math.fround(learned.steps[channel] * units[channel]);
    gradient.steps[channel] = decides ? sum * units[channel] : 0;
  }
  if (isLastLayer(layer)) gradient.steps.fill(gradient.steps.reduce((sum, value) => sum + value, 0));
}
