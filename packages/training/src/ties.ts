import { type Architecture, hasNarrowMultipliers, tiedGroups } from '@sparrow/model';
import type { LayerWeights, Weights } from './engine.ts';

/** A gain of a tied layer never turns the signs of its weights around, which the others have as they are. */
export const SMALLEST_TIED_GAIN = 1e-3;

/**
 * Most deviations of its sums that the offset of a tied channel may be worth. Weights follow all of their users, so that a user may be left with a
 * channel that is next to constant; its bias, in sums, would be so large that it takes the steps of the layer's other biases with it.
 */
const MOST_DEVIATIONS = 8;

/**
 * Keeps layers that are tied to each other in step. Their kernels are equal at first; they get the sum of all gradients, so that
 * whatever an optimiser does to one it does to all.
 */
export class Ties {
  readonly #groups: readonly (readonly string[])[];
  /** Layers whose multipliers are bytes. */
  readonly #narrow: ReadonlySet<string>;

  constructor({ layers }: Architecture) {
    this.#groups = tiedGroups(layers);
    this.#narrow = new Set(layers.filter(hasNarrowMultipliers).map(({ name }) => name));
  }

  get isEmpty(): boolean {
    return this.#groups.length === 0;
  }

  /** In place: every kernel's gradient becomes that of the weights it shares, and so do those of its steps. */
  shareGradients(gradients: Weights): void {
    for (const group of this.#membersOf(gradients)) {
      for (const parameter of ['kernel', 'steps'] as const) {
        const [owner, ...others] = group.map((layer) => layer[parameter]);
        for (const values of others) values.forEach((value, index) => (owner[index] += value));
        for (const values of others) values.set(owner);
      }
    }
  }

  /** In place: kernels, what is pruned of them and their steps are those of the first of each group. */
  shareWeights(weights: Weights): void {
    for (const [owner, ...others] of this.#membersOf(weights)) {
      for (const { kernel, mask, steps } of others) {
        kernel.set(owner.kernel);
        mask.set(owner.mask);
        steps.set(owner.steps);
      }
    }
    this.boundGains(weights);
  }

  /** In place: no gain turns signs around, and where multipliers are bytes, none is next to nothing beside its offset. */
  boundGains(weights: Weights): void {
    for (const name of this.#groups.flat()) {
      const { gamma, beta } = weights.get(name) as LayerWeights;
      const share = this.#narrow.has(name) ? 1 / MOST_DEVIATIONS : 0;
      gamma.forEach((gain, channel) => {
        gamma[channel] = Math.max(gain, SMALLEST_TIED_GAIN, share * Math.abs(beta[channel]));
      });
    }
  }

  #membersOf(weights: Weights): LayerWeights[][] {
    return this.#groups.map((group) => group.map((name) => weights.get(name) as LayerWeights));
  }
}
