import type { Architecture } from '@sparrow/model';
import type { Weights } from './engine.ts';
import { Orbits } from './orbits.ts';
import { Ties } from './ties.ts';

/** All that weights of a network have in common: with those of other layers, and with other filters of their own. */
export class Sharing {
  readonly #ties: Ties;
  readonly #orbits: Orbits;

  private constructor(ties: Ties, orbits: Orbits) {
    this.#ties = ties;
    this.#orbits = orbits;
  }

  /** None for networks that share nothing, so that their steps do nothing for it. */
  static of(architecture: Architecture): Sharing | undefined {
    const [ties, orbits] = [new Ties(architecture), new Orbits(architecture)];
    return ties.isEmpty && orbits.isEmpty ? undefined : new Sharing(ties, orbits);
  }

  /** In place: every gradient becomes that of the parameter that it is a part of. */
  shareGradients(gradients: Weights): void {
    this.#ties.shareGradients(gradients);
    this.#orbits.shareGradients(gradients);
  }

  /** In place: what is shared is that of its first user. */
  shareWeights(weights: Weights): void {
    this.#orbits.shareWeights(weights);
    this.#ties.shareWeights(weights);
  }

  /** In place, after a step: see `Ties`. */
  boundGains(weights: Weights): void {
    this.#ties.boundGains(weights);
  }
}
