import {
  type Architecture,
  inferShapes,
  isWeighted,
  outputChannels,
  type Shape,
  type WeightedLayer,
} from '@sparrow/model';
import type { LayerWeights, Weights } from './engine.ts';
import { copyLayerWeights } from './weights.ts';

/** A network whose weights another one starts from. */
export interface Ancestor {
  readonly architecture: Architecture;
  readonly weights: Weights;
}

/** Pixels of a window, and channels of input and output: the axes of a kernel. */
interface KernelShape extends Shape {
  readonly outputs: number;
}

/**
 * Weights for a network that is a morph of another (as SpArSe's children inherit their parents' weights; Fedorov et al. 2019, §3.3): layers
 * that both have by name and kind take over what overlaps, channels and window positions that are new keep `initial`. Pruned weights of the
 * ancestor count as small ones, not as pruned.
 */
export function inheritWeights(architecture: Architecture, initial: Weights, ancestor: Ancestor): Weights {
  const shapes = inferShapes(architecture);
  const ancestorShapes = inferShapes(ancestor.architecture);
  const inherited: Weights = new Map();
  for (const layer of architecture.layers) {
    const own = initial.get(layer.name);
    const index = ancestor.architecture.layers.findIndex(({ name }) => name === layer.name);
    const theirs = ancestor.weights.get(layer.name);
    if (!isWeighted(layer) || !own || !theirs || index < 0) continue;
    const relative = ancestor.architecture.layers[index];
    if (!isWeighted(relative) || relative.kind !== layer.kind) continue;
    const to = kernelShape(layer, shapes[layer.inputs[0]]);
    const from = kernelShape(relative, ancestorShapes[relative.inputs[0]]);
    inherited.set(layer.name, overlap(own, to, theirs, from));
  }
  return inherited;
}

function kernelShape(layer: WeightedLayer, input: Shape): KernelShape {
  const outputs = outputChannels(layer, input);
  if (layer.kind === 'dense') return { ...input, outputs };
  // A depthwise kernel is [row][column][channel]: one output, channels innermost.
  if (layer.kind === 'depthwiseConv2d') return { ...layer.kernel, channels: outputs, outputs: 1 };
  return { ...layer.kernel, channels: input.channels, outputs };
}

function overlap(own: LayerWeights, to: KernelShape, theirs: LayerWeights, from: KernelShape): LayerWeights {
  const weights = copyLayerWeights(own);
  const least = (axis: keyof KernelShape): number => Math.min(to[axis], from[axis]);
  // Windows are centred, so that a 3×3 kernel goes on as the middle of a 5×5 one.
  const shift = (axis: 'height' | 'width'): number => Math.trunc((to[axis] - from[axis]) / 2);
  const first = (axis: 'height' | 'width'): number => Math.max(0, shift(axis));
  for (let output = 0; output < least('outputs'); output++) {
    for (let row = 0; row < least('height'); row++) {
      for (let column = 0; column < least('width'); column++) {
        for (let channel = 0; channel < least('channels'); channel++) {
          const [y, x] = [first('height') + row, first('width') + column];
          const target = position(to, output, y, x, channel);
          weights.kernel[target] =
            theirs.kernel[position(from, output, y - shift('height'), x - shift('width'), channel)];
        }
      }
    }
  }
  const channels = Math.min(own.gamma.length, theirs.gamma.length);
  for (const parameter of ['gamma', 'beta', 'runningMean', 'runningVariance'] as const) {
    weights[parameter].set(theirs[parameter].subarray(0, channels));
  }
  return weights;
}

function position(
  { height, width, channels }: KernelShape,
  output: number,
  y: number,
  x: number,
  channel: number,
): number {
  return ((output * height + y) * width + x) * channels + channel;
}
