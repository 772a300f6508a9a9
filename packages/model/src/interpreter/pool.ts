import type { AveragePool, MaxPool, Shape } from '../architecture.ts';
import { windowGeometry } from '../geometry.ts';
import type { PoolParameters } from '../model.ts';

/** docs/numerics.md §2. */
export function accumulateAveragePool(
  layer: AveragePool,
  { bias }: PoolParameters,
  x: Uint8Array,
  input: Shape,
  accumulators: Int32Array,
): void {
  const add = (sum: number, value: number) => sum + value;
  foldWindows(layer, x, input, bias, add, accumulators);
}

/** docs/numerics.md §2. Writes activations: a maximum needs no requantisation. */
export function maxPool(layer: MaxPool, x: Uint8Array, input: Shape, y: Uint8Array): void {
  const larger = (a: number, b: number) => (a > b ? a : b);
  foldWindows(layer, x, input, 0, larger, y);
}

/** Folds every window of every channel, from `initial` on. */
function foldWindows(
  layer: AveragePool | MaxPool,
  x: Uint8Array,
  input: Shape,
  initial: number,
  combine: (folded: number, value: number) => number,
  result: Int32Array | Uint8Array,
): void {
  const { window, stride, output } = windowGeometry(layer, input);
  let index = 0;
  for (let r = 0; r < output.height; r++) {
    for (let c = 0; c < output.width; c++) {
      for (let k = 0; k < input.channels; k++) {
        let folded = initial;
        for (let i = 0; i < window.height; i++) {
          for (let j = 0; j < window.width; j++) {
            const pixel = (r * stride.height + i) * input.width + c * stride.width + j;
            folded = combine(folded, x[pixel * input.channels + k]);
          }
        }
        result[index++] = folded;
      }
    }
  }
}

/** docs/numerics.md §2. */
export function accumulateGlobalAveragePool(
  { bias }: PoolParameters,
  x: Uint8Array,
  channels: number,
  accumulators: Int32Array,
): void {
  accumulators.fill(bias);
  for (let index = 0; index < x.length; index++) accumulators[index % channels] += x[index];
}
