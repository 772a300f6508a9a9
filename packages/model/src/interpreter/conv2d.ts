import type { Conv2d, Shape } from '../architecture.ts';
import { windowGeometry } from '../geometry.ts';
import type { WeightedParameters } from '../model.ts';
import { dot } from './dot.ts';
import { insideRange } from './inside.ts';

/** docs/numerics.md §2. A kernel row's taps lie side by side in the weights and in the image: one dot product a row. */
export function accumulateConv2d(
  layer: Conv2d,
  { weights, bias }: WeightedParameters,
  x: Uint8Array,
  input: Shape,
  accumulators: Int32Array,
): void {
  const { window, stride, padTop, padLeft, output } = windowGeometry(layer, input);
  const kernelRow = window.width * input.channels;
  const filterSize = window.height * kernelRow;
  let index = 0;
  for (let r = 0; r < output.height; r++) {
    const top = r * stride.height - padTop;
    const rows = insideRange(top, window.height, input.height);
    for (let c = 0; c < output.width; c++) {
      const left = c * stride.width - padLeft;
      const columns = insideRange(left, window.width, input.width);
      const runLength = (columns.end - columns.start) * input.channels;
      for (let o = 0; o < layer.filters; o++) {
        let sum = bias[o];
        for (let i = rows.start; i < rows.end; i++) {
          const weightOffset = o * filterSize + i * kernelRow + columns.start * input.channels;
          const pixelOffset = ((top + i) * input.width + left + columns.start) * input.channels;
          sum = (sum + dot(weights, weightOffset, x, pixelOffset, runLength)) | 0;
        }
        accumulators[index++] = sum;
      }
    }
  }
}
