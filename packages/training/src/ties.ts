import { type Architecture, tiedGroups } from '@sparrow/model';
import type { LayerWeights, Weights } from './engine.ts';

/** A gain of a tied layer never turns the signs of its weights around, which the others have as they are. */
export const SMALLEST_TIED_GAIN = 1e-3;

/**
 * Keeps layers that are tied to each other in step. Their kernels are equal at first; they get the sum of all gradients, so that
 * whatever an optimiser does to one it does to all.
 */
export class Ties {
  readonly #groups: readonly (readonly string[])[];

  constructor({ layers }: Architecture) {
    this.#groups = tiedGroups(layers);
  }

  /** None for networks without tied layers, so that their steps do nothing for them. */
  static of(architecture: Architecture): Ties | undefined {
    const ties = new Ties(architecture);
    return ties.#groups.length > 0 ? ties : undefined;
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
    this.keepSigns(weights);
  }

  /** In place. */
  keepSigns(weights: Weights): void {
    for (const { gamma } of this.#membersOf(weights).flat()) {
      gamma.forEach((gain, channel) => (gamma[channel] = Math.max(gain, SMALLEST_TIED_GAIN)));
    }
  }

  #membersOf(weights: Weights): LayerWeights[][] {
    return this.#groups.map((group) => group.map((name) => weights.get(name) as LayerWeights));
  }
}
