import {
  type Conv2d,
  type DepthwiseConv2d,
  type LayerKind,
  type LayerSpec,
  NARROW_BIAS_BITS,
  NARROW_MULTIPLIER_BITS,
  type Padding,
  type Shape,
  type Size,
  SYMMETRIES,
  type Symmetry,
  tieOf,
  WEIGHT_BITS,
  type WeightBits,
  type WeightedLayer,
} from '../architecture.ts';
import { inferLayerShape, MAX_KERNEL } from '../shapes.ts';
import { ORDERS, readsImage, symmetryOf } from '../symmetry.ts';
import { chance, pick, type Random } from './random.ts';

/** A network that grows at its end. */
export interface Growth {
  readonly random: Random;
  readonly weightBits: readonly WeightBits[];
  /** Whether layers may be tied, have multipliers of a byte, and biases of a byte. */
  readonly sharing: boolean;
  /** Whether filters of convolutions may come in orbits. */
  readonly symmetric: boolean;
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

export function startGrowth(
  input: Shape,
  random: Random,
  weightBits: readonly WeightBits[] = WEIGHT_BITS,
  sharing = false,
  symmetric = false,
): Growth {
  return { random, weightBits, sharing, symmetric, layers: [], shapes: [input] };
}

/** Appends a layer that reads the last tensor; an addition may need a convolution besides, to have something to add. */
export function grow(growth: Growth, kind: LayerKind): void {
  const { random, shapes } = growth;
  const input = shapes[shapes.length - 1];
  switch (kind) {
    case 'conv2d':
      return append(
        growth,
        drawTied(growth, kind) ??
          drawSymmetric(growth, input) ?? {
            kind,
            filters: drawChannels(random, input.channels),
            ...drawConvolution(growth, input, input.channels),
          },
      );
    case 'depthwiseConv2d':
      return append(growth, drawTied(growth, kind) ?? { kind, ...drawConvolution(growth, input, 1) });
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

/** Often a layer with the weights of an earlier one, where there is one that reads as many channels. */
function drawTied(growth: Growth, kind: 'conv2d' | 'depthwiseConv2d'): WithoutEdges<LayerSpec> | undefined {
  const { random, sharing, layers, shapes } = growth;
  const input = shapes[shapes.length - 1];
  if (!sharing || !chance(random, 0.8)) return undefined;
  const owners = layers.filter((layer): layer is Conv2d | DepthwiseConv2d => {
    if (symmetryOf(layer) !== undefined && readsImage(layer)) return false;
    return layer.kind === kind && tieOf(layer) === undefined && shapes[layer.inputs[0]].channels === input.channels;
  });
  if (owners.length === 0) return undefined;
  const { name, inputs: _, biasBits: __, ...owner } = pick(random, owners);
  const fits = owner.kernel.height <= input.height && owner.kernel.width <= input.width;
  const padding: Padding = fits && chance(random, 0.4) ? 'valid' : 'same';
  const stride: 1 | 2 = chance(random, 0.7) ? 1 : 2;
  return { ...owner, stride, padding, tiedTo: name, ...drawBiasBits(growth) };
}

/** Often a convolution whose filters come in orbits, where channels do. */
function drawSymmetric(growth: Growth, input: Shape): WithoutEdges<LayerSpec> | undefined {
  const { random, symmetric, layers } = growth;
  if (!symmetric || !chance(random, 0.9)) return undefined;
  const possible = SYMMETRIES.filter((each) => layers.length === 0 || input.channels % ORDERS[each] === 0);
  if (possible.length === 0) return undefined;
  const symmetry: Symmetry = pick(random, possible);
  const weightBits = growth.weightBits.filter((bits) => bits !== 2);
  if (weightBits.length === 0) return undefined;
  const drawn = drawConvolution({ ...growth, weightBits }, input, input.channels);
  const side = Math.min(drawn.kernel.height, drawn.kernel.width);
  const kernel = symmetry === 'rotation' ? { height: side, width: side } : drawn.kernel;
  return { kind: 'conv2d', filters: ORDERS[symmetry] * pick(random, [1, 2, 2, 3]), symmetry, ...drawn, kernel };
}

/** Often as many as before, so that additions find a partner. */
function drawChannels(random: Random, before: number): number {
  return before > 1 && chance(random, 0.4) ? before : pick(random, [1, 2, 3, 4, 5, 6, 7, 8, 8, 12, 16]);
}

function drawBits(growth: Growth): Pick<WeightedLayer, 'weightBits' | 'biasBits'> {
  return { weightBits: pick(growth.random, growth.weightBits), ...drawBiasBits(growth) };
}

function drawBiasBits({ random, sharing }: Growth): Pick<WeightedLayer, 'biasBits'> {
  return sharing && chance(random, 0.4) ? { biasBits: NARROW_BIAS_BITS } : {};
}

function drawMultiplierBits({ random, sharing }: Growth): Pick<Conv2d, 'multiplierBits'> {
  return sharing && chance(random, 0.3) ? { multiplierBits: NARROW_MULTIPLIER_BITS } : {};
}

/** `channels`: those that a filter sums over. */
function drawConvolution(growth: Growth, input: Shape, channels: number) {
  const { random } = growth;
  if (channels === 1 && growth.sharing && growth.weightBits.includes(4) && chance(random, 0.6)) {
    return drawFrugal(growth, input);
  }
  const padding: Padding = chance(random, 0.6) ? 'same' : 'valid';
  const limit = padding === 'same' ? { height: MAX_KERNEL, width: MAX_KERNEL } : input;
  const kernel = fitted(drawSize(random, [1, 2, 3, 3, 3, 4, 5, 6, 7]), limit);
  const stride: 1 | 2 = chance(random, 0.7) ? 1 : 2;
  return { kernel, stride, padding, ...drawBits(growth), ...drawMultiplierBits(growth) };
}

/** Filters of one channel that take few bytes: rows of an odd number of 4-bit weights can be stored without gaps if none is ever outside. */
function drawFrugal(growth: Growth, input: Shape) {
  const { random } = growth;
  const kernel = fitted(drawSize(random, [2, 3, 3, 3, 4, 5]), input);
  const stride: 1 | 2 = chance(random, 0.7) ? 1 : 2;
  const bits = { weightBits: 4, biasBits: NARROW_BIAS_BITS } as const;
  return { kernel, stride, padding: 'valid' as const, ...bits, ...drawMultiplierBits(growth) };
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
