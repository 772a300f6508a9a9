import type { Tensor } from '@tensorflow/tfjs';
import type { TensorFlow } from './backend.ts';

/** Rounding with gradient 1 (straight-through estimator, Bengio et al. 2013), as docs/quantization.md specifies it. */

/** A tensor of `values` in the forward pass, the gradient of `tensor` in the backward pass. */
export function withValues<T extends Tensor>(tf: TensorFlow, tensor: T, values: Float32Array): T {
  const replace = tf.customGrad((original) => {
    const value = tf.tensor(values, (original as Tensor).shape);
    return { value, gradFunc: (dy: Tensor) => dy };
  });
  return replace(tensor) as T;
}

export interface RoundingOptions {
  readonly scale: number;
  /** Added before rounding, in steps of `scale`: decides values that lie on the half but for float32's rounding. Default 0. */
  readonly nudge?: number;
  /** The result of integer arithmetic, which replaces this one's; the gradient stays. */
  readonly exact?: Float32Array;
}

/** `scale · min(255, ⌊max(0, y)/scale + ½⌋)`; gradient where 0 < y and nothing saturates. */
export function roundActivation<T extends Tensor>(tf: TensorFlow, tensor: T, options: RoundingOptions): T {
  const { scale, nudge = 0, exact } = options;
  const round = tf.customGrad((original, save) => {
    const y = original as Tensor;
    const integers = tf.floor(tf.add(tf.div(tf.relu(y), scale), 0.5 + nudge));
    const passes = tf.logicalAnd(tf.greater(y, 0), tf.lessEqual(integers, 255)).toFloat();
    (save as (tensors: Tensor[]) => void)([passes]);
    const value = exact ? tf.tensor(exact, y.shape) : tf.mul(tf.minimum(integers, 255), scale);
    return { value, gradFunc: (dy: Tensor, saved: Tensor[]) => tf.mul(dy, saved[0]) };
  });
  return round(tensor) as T;
}
