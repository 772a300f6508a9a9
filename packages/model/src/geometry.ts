import type { AveragePool, Conv2d, DepthwiseConv2d, MaxPool, Size } from './architecture.ts';

/** Layers that slide a window over their input. */
export type WindowedLayer = Conv2d | DepthwiseConv2d | MaxPool | AveragePool;

/**
 * How a window slides: output pixel (r, c) reads input pixels
 * `(r·stride.height + i − padTop, c·stride.width + j − padLeft)` for `i < window.height`, `j < window.width`
 * (docs/numerics.md §5). Pixels outside of the input are 0.
 */
export interface WindowGeometry {
  readonly window: Size;
  readonly stride: Size;
  readonly padTop: number;
  readonly padLeft: number;
  /** Zero or negative where the window is larger than the input and nothing is padded. */
  readonly output: Size;
}

/** TensorFlow's `same` rule in one dimension: the padding before the first pixel, and how many outputs there are. */
export function samePadding(input: number, kernel: number, stride: number): { before: number; output: number } {
  const output = Math.ceil(input / stride);
  const total = Math.max(0, (output - 1) * stride + kernel - input);
  return { before: Math.floor(total / 2), output };
}

function validOutput(input: number, kernel: number, stride: number): number {
  return Math.floor((input - kernel) / stride) + 1;
}

export function windowGeometry(layer: WindowedLayer, input: Size): WindowGeometry {
  const convolution = layer.kind === 'conv2d' || layer.kind === 'depthwiseConv2d';
  const window = convolution ? layer.kernel : layer.window;
  const stride = convolution ? { height: layer.stride, width: layer.stride } : layer.stride;
  if (convolution && layer.padding === 'same') {
    const rows = samePadding(input.height, window.height, stride.height);
    const columns = samePadding(input.width, window.width, stride.width);
    const output = { height: rows.output, width: columns.output };
    return { window, stride, padTop: rows.before, padLeft: columns.before, output };
  }
  const output = {
    height: validOutput(input.height, window.height, stride.height),
    width: validOutput(input.width, window.width, stride.width),
  };
  return { window, stride, padTop: 0, padLeft: 0, output };
}
