import type { Weights } from '../engine.ts';

/**
 * Weights with the masks of the `sparsity` least important ones of the whole network cleared. Importance is the LAMP
 * score, w² over the sum of the squares of all weights of the layer that are not smaller (Lee et al. 2021, eq. 3), which
 * compares weights across layers and never empties one. What is pruned already stays pruned.
 */
export function pruneByMagnitude(weights: Weights, sparsity: number): Weights {
  const scores = new Map([...weights].map(([name, { kernel, mask }]) => [name, lampScores(kernel, mask)]));
  return pruneByScore(weights, scores, sparsity);
}

/** The same by any scores, in the layout of the kernels; those of pruned weights are 0. */
export function pruneByScore(weights: Weights, scores: ReadonlyMap<string, Float64Array>, sparsity: number): Weights {
  const ranked = Float64Array.from([...scores.values()].flatMap((layer) => [...layer])).sort();
  const pruned = Math.floor(sparsity * ranked.length);
  const threshold = pruned === 0 ? -Infinity : ranked[pruned - 1];
  return new Map(
    [...weights].map(([name, layer]) => {
      const layerScores = scores.get(name)!;
      const mask = layer.mask.map((kept, i) => (kept !== 0 && layerScores[i] > threshold ? 1 : 0));
      return [name, { ...layer, mask, kernel: layer.kernel.map((weight, i) => (mask[i] === 0 ? 0 : weight)) }];
    }),
  );
}

/** The largest weight of a layer scores 1; pruned ones score 0. */
function lampScores(kernel: Float32Array, mask: Uint8Array): Float64Array {
  const order = Uint32Array.from(kernel, (_, i) => i).sort((a, b) => Math.abs(kernel[b]) - Math.abs(kernel[a]));
  const scores = new Float64Array(kernel.length);
  let sum = 0;
  for (const i of order) {
    if (mask[i] === 0 || kernel[i] === 0) continue;
    const square = kernel[i] * kernel[i];
    sum += square;
    scores[i] = square / sum;
  }
  return scores;
}

/** Fraction of the kernels' weights that is pruned. */
export function sparsityOf(weights: Weights): number {
  let total = 0;
  let kept = 0;
  for (const { mask } of weights.values()) {
    total += mask.length;
    kept += mask.reduce((sum, value) => sum + value, 0);
  }
  return 1 - kept / total;
}
