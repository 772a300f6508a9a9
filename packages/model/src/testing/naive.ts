import type { Architecture, LayerSpec, Shape } from '../architecture.ts';
import type { LayerParameters, Model } from '../model.ts';
import { parametersOfKind } from '../model.ts';
import { inferShapes, shapeSize } from '../shapes.ts';
import { naiveMomentNormalization } from './naive-preprocessing.ts';

/**
 * docs/numerics.md a second time, for tests: its formulas as they stand, one output element at a time, in BigInt, the
 * padding rule written out on its own. It shares no arithmetic with the interpreter, and is about a hundred times slower.
 */

type Read = (row: number, column: number, channel: number) => bigint;
interface NaiveTensor {
  readonly shape: Shape;
  readonly read: Read;
}

function naiveTensor(shape: Shape, values: ArrayLike<number> | readonly bigint[]): NaiveTensor {
  const read: Read = (row, column, channel) => {
    const inside = row >= 0 && row < shape.height && column >= 0 && column < shape.width;
    return inside ? BigInt(values[(row * shape.width + column) * shape.channels + channel]) : 0n;
  };
  return { shape, read };
}

export function naiveInfer(model: Model, image: Uint8Array): bigint[] {
  const shapes = inferShapes(model.architecture);
  const tensors = [naiveInput(model.architecture, image)];
  let values: bigint[] = [];
  model.architecture.layers.forEach((layer, index) => {
    const inputs = layer.inputs.map((tensor) => tensors[tensor]);
    const shape = shapes[index + 1];
    values = Array.from({ length: shapeSize(shape) }, (_, element) => {
      const channel = element % shape.channels;
      const pixel = Math.floor(element / shape.channels);
      const [row, column] = [Math.floor(pixel / shape.width), pixel % shape.width];
      return naiveElement(layer, model.parameters[index], inputs, shape, row, column, channel);
    });
    tensors.push(naiveTensor(shape, values));
  });
  return values;
}

function naiveInput({ input, preprocessing }: Architecture, image: Uint8Array): NaiveTensor {
  if (preprocessing === undefined) return naiveTensor(input, image);
  const pixel = naiveMomentNormalization(image, input);
  const { width } = input;
  return naiveTensor(
    input,
    Array.from(image, (_, index) => pixel(Math.floor(index / width), index % width)),
  );
}

function naiveElement(
  layer: LayerSpec,
  parameters: LayerParameters,
  [x, other]: readonly NaiveTensor[],
  shape: Shape,
  r: number,
  c: number,
  channel: number,
): bigint {
  if (layer.kind === 'maxPool') {
    const window = windowOf(layer.window, (i, j) =>
      x.read(r * layer.stride.height + i, c * layer.stride.width + j, channel),
    );
    return window.reduce((a, b) => (a > b ? a : b));
  }
  if (layer.kind === 'add') {
    const { multipliers, bias, shift } = parametersOfKind('add', parameters);
    const [a, b] = [x.read(r, c, channel), other.read(r, c, channel)];
    return shifted(a * BigInt(multipliers[0]) + b * BigInt(multipliers[1]) + BigInt(bias), 1, shift);
  }
  if (layer.kind === 'averagePool' || layer.kind === 'globalAveragePool') {
    const { bias, requantization } = parametersOfKind('pool', parameters);
    const all = layer.kind === 'globalAveragePool';
    const window = all ? x.shape : layer.window;
    const [top, left] = all ? [0, 0] : [r * layer.stride.height, c * layer.stride.width];
    const taps = windowOf(window, (i, j) => x.read(top + i, left + j, channel));
    return shifted(sum(taps) + BigInt(bias), requantization.multipliers[0], requantization.shift);
  }
  const { weights, bias, requantization } = parametersOfKind('weighted', parameters);
  const accumulator = BigInt(bias[channel]) + sum(products(layer, weights, x, shape, r, c, channel));
  return requantization ? shifted(accumulator, requantization.multipliers[channel], requantization.shift) : accumulator;
}

function products(
  layer: Extract<LayerSpec, { weightBits: unknown }>,
  weights: Int8Array,
  x: NaiveTensor,
  shape: Shape,
  r: number,
  c: number,
  channel: number,
): bigint[] {
  const { height, width, channels } = x.shape;
  if (layer.kind === 'dense') {
    return volumeOf(x.shape, (i, j, k) => {
      return BigInt(weights[((channel * height + i) * width + j) * channels + k]) * x.read(i, j, k);
    });
  }
  const { kernel, stride, padding } = layer;
  const padTop =
    padding === 'same' ? Math.floor(Math.max(0, (shape.height - 1) * stride + kernel.height - height) / 2) : 0;
  const padLeft =
    padding === 'same' ? Math.floor(Math.max(0, (shape.width - 1) * stride + kernel.width - width) / 2) : 0;
  const pixel = (i: number, j: number, k: number) => x.read(r * stride + i - padTop, c * stride + j - padLeft, k);
  if (layer.kind === 'depthwiseConv2d') {
    return windowOf(
      kernel,
      (i, j) => BigInt(weights[(i * kernel.width + j) * channels + channel]) * pixel(i, j, channel),
    );
  }
  return volumeOf({ ...kernel, channels }, (i, j, k) => {
    return BigInt(weights[((channel * kernel.height + i) * kernel.width + j) * channels + k]) * pixel(i, j, k);
  });
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}

function shifted(accumulator: bigint, multiplier: number, shift: number): bigint {
  const positive = accumulator > 0n ? accumulator : 0n;
  const scaled = (positive * BigInt(multiplier)) >> BigInt(shift);
  return scaled < 255n ? scaled : 255n;
}

function windowOf<T>(size: { height: number; width: number }, element: (i: number, j: number) => T): T[] {
  return volumeOf({ ...size, channels: 1 }, element);
}

function volumeOf<T>({ height, width, channels }: Shape, element: (i: number, j: number, k: number) => T): T[] {
  const elements: T[] = [];
  for (let i = 0; i < height; i++)
    for (let j = 0; j < width; j++) for (let k = 0; k < channels; k++) elements.push(element(i, j, k));
  return elements;
}
