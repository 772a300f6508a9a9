import type { WeightedParameters } from '@sparrow/model';
import { isWeighted } from '@sparrow/model';
import { kernelLayout, sidesOf } from '../quantization/index.ts';
import type { FoldedNetwork, KernelLayout } from '../quantization/index.ts';
import type { Arena } from './arena.ts';
import type { LayerPlan } from './layer-plan.ts';
import { viewWeights } from './parameters.ts';
import type { NetworkPlan } from './plan.ts';

/** Integers up to this are exact as floats, and so is any order of adding them. */
const EXACT_IN_FLOAT = 2 ** 24;

/** A gain of zero has turned its weights into zeros: with a scale beyond all others, they get no gradient either. */
const NO_GAIN_SCALE = 2 ** 100;

/** Writes the integers of `foldNetwork` to where `integer` arithmetic reads them. */
export function storeIntegers(arena: Arena, { layers }: NetworkPlan, folded: FoldedNetwork): void {
  layers.forEach((plan, index) => {
    const parameters = folded.parameters[index];
    if (parameters.kind === 'pool') {
      const { multipliers, shift } = parameters.requantization;
      arena.viewDoubles(plan.constants, 3).set([multipliers[0] / 2 ** shift, 0, parameters.bias]);
    } else if (parameters.kind === 'add') {
      const [first, second] = parameters.multipliers;
      const unit = 2 ** -parameters.shift;
      arena.viewDoubles(plan.constants, 3).set([first * unit, second * unit, parameters.bias * unit]);
    } else if (parameters.kind === 'weighted') {
      storeWeighted(arena, plan, parameters, folded.kernelScales.get(plan.layer.name) ?? []);
    }
  });
}

function storeWeighted(
  arena: Arena,
  { layer, weighted: plan }: LayerPlan,
  { weights, bias, requantization }: WeightedParameters,
  kernelScales: ArrayLike<number>,
): void {
  if (!plan || !isWeighted(layer)) throw new Error(`layer ${layer.name} has no weights`);
  arena.viewFloats(plan.weights, weights.length).set(weights);
  arena.viewIntegers(plan.bias, bias.length).set(bias);
  const layout = kernelLayout(layer, weights.length, plan.channels);
  arena.viewIntegers(plan.isWide, 1)[0] = Number(mayReach(EXACT_IN_FLOAT, weights, layout));
  const weightScale = arena.viewFloats(plan.weightScale, plan.channels);
  weightScale.set(kernelScales);
  if (!requantization) return;
  const { multipliers, shift } = requantization;
  arena.viewFloats(plan.multiplier, plan.channels).set(Float64Array.from(multipliers, (m) => m / 2 ** shift));
  viewWeights(arena, plan).gamma.forEach((gamma, channel) => {
    if (gamma === 0) weightScale[channel] = NO_GAIN_SCALE;
  });
}

/** Whether partial sums of a channel, with inputs of at most 255, can reach `limit` in size. */
function mayReach(limit: number, weights: Int8Array, layout: KernelLayout): boolean {
  for (let channel = 0; channel < layout.channels; channel++) {
    const { positive, negative } = sidesOf(layout, channel, (i) => weights[i]);
    if (255 * Math.max(positive, negative) >= limit) return true;
  }
  return false;
}
