import {
  type LayerKind,
  type LayerSpec,
  type Padding,
  type Shape,
  type Size,
  WEIGHT_BITS,
  type WeightBits,
} from '../architecture.ts';
import { inferLayerShape, MAX_KERNEL } from '../shapes.ts';
import { chance, pick, type Random } from './random.ts';

/** A network that grows at its end. */
export interface Growth {
  readonly random: Random;
  readonly weightBits: readonly WeightBits[];
  readonly layers: LayerSpec[];
  /** By tensor number. */
  readonly shapes: Shape[];
}

type WithoutEdges<Layer> = Layer extends LayerSpec ? Omit<Layer, 'name' | 'inputs'> : never;

/** Kinds to draw from, in these proportions. */
export const BODY: readonly LayerKind[] = [
  'conv2d', 'conv2d', 'conv2d', 'depthwiseConv2d', 'depthwiseConv2d', 'maxPool', 'averagePool', 'add', 'add',
]; // prettier-ignore

/** Towards the end of a network also the kinds that leave a single pixel. */
export const HEAD: readonly LayerKind[] = [...BODY, 'globalAveragePool', 'globalAveragePool', 'dense', 'dense'];

export function startGrowth(input: Shape, random: Random, weightBits: readonly WeightBits[] = WEIGHT_BITS): Growth {
  return { random, weightBits, layers: [], shapes: [input] };
}

/** Appends a layer that reads the last tensor; an addition may need a convolution besides, to have something to add. */
export function grow(growth: Growth, kind: LayerKind): void {
  const { random, shapes } = growth;
  const input = shapes[shapes.length - 1];
  switch (kind) {
    case 'conv2d':
      return append(growth, { kind, filters: drawChannels(random, input.channels), ...drawConvolution(growth, input) });
    case 'depthwiseConv2d':
      return append(growth, { kind, ...drawConvolution(growth, input) });
    case 'maxPool':
    case 'averagePool':
      return append(growth, { kind, ...drawPool(random, input) });
    case 'globalAveragePool':
      return append(growth, { kind });
    case 'dense':
      return append(growth, {
        kind,
        units: pick(random, [1, 2, 3, 4, 5, 7, 8, 12]),
        activation: 'relu',
        ...drawBits(growth),
      });
    case 'add':
      return appendAdd(growth);
  }
}

/** Appends the logits. */
export function finish(growth: Growth): void {
  append(growth, {
    kind: 'dense',
    units: pick(growth.random, [1, 2, 2, 3, 4, 7, 10, 10, 10]),
    activation: 'none',
    ...drawBits(growth),
  });
}

function append({ layers, shapes }: Growth, template: WithoutEdges<LayerSpec>, inputs = [layers.length]): void {
  const index = layers.length;
  const layer: LayerSpec = { ...template, name: `layer${index + 1}`, inputs };
  layers.push(layer);
  shapes.push(inferLayerShape(layer, index, shapes));
}

/** Adds the last tensor to an earlier one of its shape; where there is none, to a convolution of one of its size. */
function appendAdd(growth: Growth): void {
  const { random, shapes } = growth;
  const current = shapes.length - 1;
  const { height, width, channels } = shapes[current];
  const sameSize = [...shapes.keys()].filter((tensor) => {
    return shapes[tensor].height === height && shapes[tensor].width === width;
  });
  const partners = sameSize.filter((tensor) => tensor !== current && shapes[tensor].channels === channels);
  let partner = pick(random, partners);
  if (partners.length === 0 || chance(random, 0.2)) {
    const kernel = drawSize(random, [1, 1, 2, 3, 5]);
    const template = { kernel, stride: 1, padding: 'same', filters: channels, ...drawBits(growth) } as const;
    append(growth, { kind: 'conv2d', ...template }, [pick(random, sameSize)]);
    partner = current + 1;
  }
  append(growth, { kind: 'add' }, chance(random, 0.5) ? [current, partner] : [partner, current]);
}

/** Often as many as before, so that additions find a partner. */
function drawChannels(random: Random, before: number): number {
  return before > 1 && chance(random, 0.4) ? before : pick(random, [1, 2, 3, 4, 5, 6, 7, 8, 8, 12, 16]);
}

function drawBits({ random, weightBits }: Growth): { weightBits: WeightBits } {
  return { weightBits: pick(random, weightBits) };
}

function drawConvolution(growth: Growth, input: Shape) {
  const { random } = growth;
  const padding: Padding = chance(random, 0.6) ? 'same' : 'valid';
  const limit = padding === 'same' ? { height: MAX_KERNEL, width: MAX_KERNEL } : input;
  const kernel = fitted(drawSize(random, [1, 2, 3, 3, 3, 4, 5, 6, 7]), limit);
  const stride: 1 | 2 = chance(random, 0.7) ? 1 : 2;
  return { kernel, stride, padding, ...drawBits(growth) };
}

function drawPool(random: Random, input: Shape) {
  const window = fitted(drawSize(random, [1, 2, 2, 2, 3, 3, 4, 5]), input);
  const stride = chance(random, 0.5) ? window : drawSize(random, [1, 1, 2, 2, 3, 4]);
  return { window, stride };
}

/** Square half of the time. */
function drawSize(random: Random, sides: readonly number[]): Size {
  const height = pick(random, sides);
  return { height, width: chance(random, 0.5) ? height : pick(random, sides) };
}

function fitted(size: Size, limit: Size): Size {
  return { height: Math.min(size.height, limit.height), width: Math.min(size.width, limit.width) };
}
