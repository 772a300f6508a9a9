import type { LayerWeights, Weights } from '../engine.ts';
import { copyWeights } from '../weights.ts';
import type { Arena } from './arena.ts';
import type { LayerPlan, WeightedPlan } from './layer-plan.ts';
import type { NetworkPlan } from './plan.ts';

/** Views of what one layer has learned, in wasm memory. */
export function viewWeights(arena: Arena, plan: WeightedPlan): LayerWeights {
  return {
    ...viewParameters(arena, plan, plan.parameters),
    mask: arena.viewBytes(plan.mask, plan.kernelLength),
    runningMean: arena.viewFloats(plan.runningMean, plan.channels),
    runningVariance: arena.viewFloats(plan.runningVariance, plan.channels),
  };
}

function viewParameters(arena: Arena, { channels, kernelLength }: WeightedPlan, address: number) {
  return {
    kernel: arena.viewFloats(address, kernelLength),
    gamma: arena.viewFloats(address + 4 * kernelLength, channels),
    beta: arena.viewFloats(address + 4 * (kernelLength + channels), channels),
    steps: arena.viewFloats(address + 4 * (kernelLength + 2 * channels), channels),
  };
}

/** Views of all layers' weights. */
export function viewAllWeights(arena: Arena, { layers }: NetworkPlan): Weights {
  return mapWeighted(layers, (plan) => viewWeights(arena, plan));
}

/** Views of the gradients of the last batch; masks as they are, statistics 0. */
export function viewAllGradients(arena: Arena, { layers }: NetworkPlan): Weights {
  return mapWeighted(layers, (plan) => ({
    ...viewParameters(arena, plan, plan.gradients),
    mask: arena.viewBytes(plan.mask, plan.kernelLength),
    runningMean: new Float32Array(plan.channels),
    runningVariance: new Float32Array(plan.channels),
  }));
}

export function readGradients(arena: Arena, plan: NetworkPlan): Weights {
  return copyWeights(viewAllGradients(arena, plan));
}

/** Copies in what has the same lengths, see `mergeWeights`, and forgets the optimiser's moments. */
export function storeWeights(arena: Arena, { layers }: NetworkPlan, weights: Weights): void {
  for (const [name, view] of mapWeighted(layers, (plan) => viewWeights(arena, plan))) {
    const learned = weights.get(name);
    if (!learned) continue;
    for (const parameter of Object.keys(view) as (keyof LayerWeights)[]) view[parameter].set(learned[parameter]);
  }
  for (const { weighted } of layers) {
    if (!weighted) continue;
    const length = weighted.kernelLength + 3 * weighted.channels;
    arena.viewFloats(weighted.firstMoments, length).fill(0);
    arena.viewFloats(weighted.secondMoments, length).fill(0);
  }
}

function mapWeighted(layers: readonly LayerPlan[], make: (plan: WeightedPlan) => LayerWeights): Weights {
  const weights: Weights = new Map();
  for (const { layer, weighted } of layers) if (weighted) weights.set(layer.name, make(weighted));
  return weights;
}
