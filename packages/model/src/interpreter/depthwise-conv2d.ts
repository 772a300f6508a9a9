import type { DepthwiseConv2d, Shape } from '../architecture.ts';
import { windowGeometry } from '../geometry.ts';
import type { WeightedParameters } from '../model.ts';
import { insideRange } from './inside.ts';

/** docs/numerics.md §2. */
export function accumulateDepthwiseConv2d(
  layer: DepthwiseConv2d,
  { weights, bias }: WeightedParameters,
  x: Uint8Array,
  input: Shape,
  accumulators: Int32Array,
): void {
  const { window, stride, padTop, padLeft, output } = windowGeometry(layer, input);
  const { channels } = input;
  let index = 0;
  for (let r = 0; r < output.height; r++) {
    const top = r * stride.height - padTop;
    const rows = insideRange(top, window.height, input.height);
    for (let c = 0; c < output.width; c++) {
      const left = c * stride.width - padLeft;
      const columns = insideRange(left, window.width, input.width);
      for (let k = 0; k < channels; k++) {
        let sum = bias[k];
        for (let i = rows.start; i < rows.end; i++) {
          for (let j = columns.start; j < columns.end; j++) {
            const weight = weights[(i * window.width + j) * channels + k];
            sum = (sum + weight * x[((top + i) * input.width + left + j) * channels + k]) | 0;
          }
        }
        accumulators[index++] = sum;
      }
    }
  }
}
