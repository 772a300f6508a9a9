import type { LayerWeights, Weights } from '../engine.ts';

const AVERAGED = ['kernel', 'gamma', 'beta'] as const satisfies readonly (keyof LayerWeights)[];

/**
 * The mean of a network's weights over many steps: what a small learning rate makes of each single step is noise, and its mean is
 * mostly the better network (Izmailov et al. 2018, "Averaging Weights Leads to Wider Optima and Better Generalization"). Masks and batch
 * norm's statistics are those that came last: both have to stand still meanwhile.
 */
export class WeightAverage {
  #latest: Weights = new Map();
  readonly #sums = new Map<string, Float64Array[]>();
  #count = 0;

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** Takes hold of `weights`. */
  add(weights: Weights): void {
    this.#latest = weights;
    this.#count++;
    for (const [name, layer] of weights) {
      const sums = this.#sums.get(name) ?? AVERAGED.map((parameter) => new Float64Array(layer[parameter].length));
      this.#sums.set(name, sums);
      AVERAGED.forEach((parameter, which) => {
        const [values, sum] = [layer[parameter], sums[which]];
        for (let i = 0; i < values.length; i++) sum[i] += values[i];
      });
    }
  }

  mean(): Weights {
    const meanOf = (sum: Float64Array): Float32Array => Float32Array.from(sum, (value) => value / this.#count);
    const entries = [...this.#latest].map(([name, layer]): [string, LayerWeights] => {
      const [kernel, gamma, beta] = (this.#sums.get(name) ?? []).map(meanOf);
      return [name, { ...layer, kernel, gamma, beta }];
    });
    return new Map(entries);
  }
}
