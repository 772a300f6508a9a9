import type { LayerWeights, Perturbation, Weights } from '../engine.ts';
import { Random } from '../random.ts';
import type { ChannelImportance } from './structured.ts';

/** What gets a variance of its own: every weight, or every channel, by the gain of its batch norm. */
export type VariationalTarget = 'weights' | 'channels';

/** Of the approximation of −KL: Molchanov, Ashukha, Vetrov 2017, "Variational Dropout Sparsifies Deep Neural Networks", eq. 14. */
const [K1, K2, K3] = [0.63576, 1.8732, 1.48695];

/** Noise starts small: σ² = e⁻⁸. */
const FIRST_LOG_VARIANCE = -8;
/** Keeps noise from drowning what is learned. */
const HIGHEST_LOG_VARIANCE = 0;
const LEARNING_RATE = 0.01;
const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];
/** Where a weight is 0, log α is not infinite. */
const LEAST_SQUARE = 1e-8;

/** Of one layer. */
interface Noise {
  readonly logVariance: Float32Array;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
  /** Of the step that runs. */
  readonly means: Float32Array;
  readonly draws: Float32Array;
}

/**
 * Sparse variational dropout: a value is normal around what is learned, w = θ + σε, and the loss gets the divergence of that from a
 * log-uniform prior, which is least where noise drowns the value. α = σ²/θ² then tells what can go (Molchanov et al. 2017, §3.2 to 4.3:
 * additive noise, eqs. 13 and 14). On gains of batch norm it is Gaussian dropout of whole channels, in the manner of Bayesian
 * compression's group priors (Louizos, Ullrich, Welling 2017, §4.1). Noise is drawn once a batch.
 */
export class VariationalDropout implements Perturbation {
  readonly #target: VariationalTarget;
  readonly #random: Random;
  readonly #images: number;
  readonly #layers = new Map<string, Noise>();
  #step = 0;
  /** 0 to 1: how much of the divergence counts. */
  strength = 1;

  /** `images`: of the training set, whose likelihood the divergence is weighed against. */
  constructor(target: VariationalTarget, images: number, seed: number) {
    this.#target = target;
    this.#images = images;
    this.#random = new Random(seed, 7);
  }

  apply(weights: Weights): void {
    for (const [name, layer] of weights) {
      const values = this.#valuesOf(layer);
      const noise = this.#noiseOf(name, values.length);
      noise.means.set(values);
      for (let i = 0; i < values.length; i++) {
        noise.draws[i] = this.#random.normal();
        if (this.#isKept(layer, i)) values[i] += Math.exp(noise.logVariance[i] / 2) * noise.draws[i];
      }
    }
  }

  undo(weights: Weights, gradients: Weights): void {
    this.#step++;
    for (const [name, layer] of weights) {
      const noise = this.#noiseOf(name, 0);
      this.#valuesOf(layer).set(noise.means);
      const gradient = gradients.get(name);
      if (gradient) this.#learn(layer, noise, this.#valuesOf(gradient));
    }
  }

  /** 1/α of every channel (or weight, in the kernel's layout): the less, the sooner it can go. */
  importance(weights: Weights): ChannelImportance {
    return new Map(
      [...weights].map(([name, layer]) => {
        const { logVariance } = this.#noiseOf(name, this.#valuesOf(layer).length);
        return [name, Float64Array.from(this.#valuesOf(layer), (mean, i) => (mean * mean) / Math.exp(logVariance[i]))];
      }),
    );
  }

  /** Adds the divergence's gradient to that of the means, and moves the variances by their own (Adam). */
  #learn(layer: LayerWeights, noise: Noise, gradient: Float32Array): void {
    const weight = this.strength / this.#images;
    for (let i = 0; i < gradient.length; i++) {
      if (!this.#isKept(layer, i)) continue;
      const mean = noise.means[i];
      const deviation = Math.exp(noise.logVariance[i] / 2);
      const slope = weight * divergenceSlope(noise.logVariance[i] - Math.log(mean * mean + LEAST_SQUARE));
      const ofVariance = (gradient[i] * noise.draws[i] * deviation) / 2 + slope;
      gradient[i] -= (slope * 2 * mean) / (mean * mean + LEAST_SQUARE);
      this.#move(noise, i, ofVariance);
    }
  }

  #move({ logVariance, firstMoment, secondMoment }: Noise, i: number, gradient: number): void {
    firstMoment[i] = BETA1 * firstMoment[i] + (1 - BETA1) * gradient;
    secondMoment[i] = BETA2 * secondMoment[i] + (1 - BETA2) * gradient * gradient;
    const first = firstMoment[i] / (1 - BETA1 ** this.#step);
    const second = secondMoment[i] / (1 - BETA2 ** this.#step);
    const moved = logVariance[i] - (LEARNING_RATE * first) / (Math.sqrt(second) + EPSILON);
    logVariance[i] = Math.min(HIGHEST_LOG_VARIANCE, moved);
  }

  #valuesOf(layer: LayerWeights): Float32Array {
    return this.#target === 'weights' ? layer.kernel : layer.gamma;
  }

  #isKept({ mask }: LayerWeights, index: number): boolean {
    return this.#target === 'channels' || mask[index] !== 0;
  }

  #noiseOf(name: string, length: number): Noise {
    const known = this.#layers.get(name);
    if (known) return known;
    const made: Noise = {
      logVariance: new Float32Array(length).fill(FIRST_LOG_VARIANCE),
      firstMoment: new Float32Array(length),
      secondMoment: new Float32Array(length),
      means: new Float32Array(length),
      draws: new Float32Array(length),
    };
    this.#layers.set(name, made);
    return made;
  }
}

/** KL of a value's posterior from the log-uniform prior, up to a constant (eq. 14). */
export function divergence(logAlpha: number): number {
  return -(K1 * sigmoid(K2 + K3 * logAlpha) - Math.log1p(Math.exp(-logAlpha)) / 2 - K1);
}

/** Its derivative by log α: negative, since noise is cheap. */
export function divergenceSlope(logAlpha: number): number {
  const s = sigmoid(K2 + K3 * logAlpha);
  return -(K1 * K3 * s * (1 - s) + 0.5 / (1 + Math.exp(logAlpha)));
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
