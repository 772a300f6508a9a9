import type { OptimizerStep, Weights } from '../engine.ts';
import { keepPositive } from '../quantization/index.ts';
import { applyMask } from '../weights.ts';

const LEARNED = ['kernel', 'gamma', 'beta', 'steps'] as const;

/** Adam's decay of second moments and the number that keeps it from dividing by zero. */
const BETA2 = 0.999;
const EPSILON = 1e-8;

interface Moments {
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/** SGD with momentum and AdamW over `Weights`, in place; the formulas are in docs/quantization.md. */
export class WeightOptimizer {
  readonly #moments = new Map<Float32Array, Moments>();
  #step = 0;

  update(weights: Weights, gradients: Weights, options: OptimizerStep): void {
    this.#step++;
    for (const [name, layer] of weights) {
      const gradient = gradients.get(name);
      if (!gradient) continue;
      for (const parameter of LEARNED) {
        const decay = parameter === 'kernel' ? options.weightDecay : 0;
        this.#updateArray(layer[parameter], gradient[parameter], decay, options);
      }
      applyMask(layer);
      keepPositive(layer.steps);
    }
  }

  #updateArray(values: Float32Array, gradient: Float32Array, decay: number, options: OptimizerStep): void {
    const { first, second } = this.#momentsOf(values);
    const { learningRate, momentum } = options;
    if (options.optimizer === 'sgd') {
      for (let i = 0; i < values.length; i++) {
        first[i] = momentum * first[i] + gradient[i] + decay * values[i];
        values[i] -= learningRate * first[i];
      }
      return;
    }
    const firstCorrection = 1 - momentum ** this.#step;
    const secondCorrection = 1 - BETA2 ** this.#step;
    for (let i = 0; i < values.length; i++) {
      first[i] = momentum * first[i] + (1 - momentum) * gradient[i];
      second[i] = BETA2 * second[i] + (1 - BETA2) * gradient[i] * gradient[i];
      const direction = first[i] / firstCorrection / (Math.sqrt(second[i] / secondCorrection) + EPSILON);
      values[i] -= learningRate * (direction + decay * values[i]);
    }
  }

  #momentsOf(values: Float32Array): Moments {
    let moments = this.#moments.get(values);
    if (!moments) {
      moments = { first: new Float32Array(values.length), second: new Float32Array(values.length) };
      this.#moments.set(values, moments);
    }
    return moments;
  }
}
