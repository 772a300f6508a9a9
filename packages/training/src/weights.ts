import { deserialize, serialize } from 'node:v8';
import type { LayerWeights, Weights } from './engine.ts';

export function copyLayerWeights(layer: LayerWeights): LayerWeights {
  return {
    kernel: layer.kernel.slice(),
    mask: layer.mask.slice(),
    gamma: layer.gamma.slice(),
    beta: layer.beta.slice(),
    steps: layer.steps.slice(),
    runningMean: layer.runningMean.slice(),
    runningVariance: layer.runningVariance.slice(),
  };
}

export function copyWeights(weights: Weights): Weights {
  return new Map([...weights].map(([name, layer]) => [name, copyLayerWeights(layer)]));
}

/**
 * `current` with the layers that `changes` names replaced by copies; pruned weights become 0.
 * @throws if a layer does not exist or an array has another length
 */
export function mergeWeights(current: Weights, changes: Weights): Weights {
  const merged = new Map(current);
  for (const [name, layer] of changes) {
    const known = current.get(name);
    if (!known) throw new Error(`weights for layer ${name}, which the network does not have`);
    for (const parameter of Object.keys(known) as (keyof LayerWeights)[]) {
      if (layer[parameter].length !== known[parameter].length) {
        const lengths = `${layer[parameter].length} values, the network has ${known[parameter].length}`;
        throw new Error(`weights of layer ${name}: ${parameter} has ${lengths}`);
      }
    }
    const copy = copyLayerWeights(layer);
    applyMask(copy);
    merged.set(name, copy);
  }
  return merged;
}

export function applyMask({ kernel, mask }: LayerWeights): void {
  for (let i = 0; i < kernel.length; i++) if (mask[i] === 0) kernel[i] = 0;
}

/** For files of this program, not for exchange: V8's structured clone, with a name in front. */
const MAGIC = Buffer.from('sparrow-weights-1\n');

export function encodeWeights(weights: Weights): Uint8Array {
  return Buffer.concat([MAGIC, serialize(weights)]);
}

/** @throws Error that names `source` if the bytes are not what `encodeWeights` made */
export function decodeWeights(bytes: Uint8Array, source: string): Weights {
  if (!MAGIC.equals(bytes.subarray(0, MAGIC.length))) throw new Error(`${source}: not a file of weights`);
  try {
    const weights = deserialize(bytes.subarray(MAGIC.length)) as Weights;
    // Those of versions before steps were learned have none.
    for (const layer of weights.values()) layer.steps ??= new Float32Array(layer.beta.length);
    return weights;
  } catch (error) {
    throw new Error(`${source}: damaged (${(error as Error).message})`, { cause: error });
  }
}
