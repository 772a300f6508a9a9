import type { Architecture, LayerKind, LayerSpec, Shape, WeightBits } from '../architecture.ts';
import { countMacs, weightCount } from '../counts.ts';
import { inferShapes } from '../shapes.ts';
import { BODY, finish, grow, HEAD, startGrowth } from './grow.ts';
import { chance, integer, pick, type Random } from './random.ts';

export interface RandomArchitectureOptions {
  /** Default 30,000. */
  readonly maxMacs?: number;
  /** Weights of all layers; default 4,000. */
  readonly maxParameters?: number;
  /** Upper bound of the rows and sums that a chip keeps (`estimateBufferBytes`); default 900. */
  readonly maxBufferBytes?: number;
  /** Layers before the logits; default 7. */
  readonly maxLayers?: number;
  /** Default: small, often odd sizes. */
  readonly input?: Shape;
  /** Kinds that have to occur. */
  readonly require?: readonly LayerKind[];
  /** The widths to choose from; default all. */
  readonly weightBits?: readonly WeightBits[];
  /** Whether layers may be tied to earlier ones, have multipliers of a byte, and biases of a byte; default no. */
  readonly sharing?: boolean;
  /** Whether filters of convolutions may come in orbits; default no. */
  readonly symmetric?: boolean;
  /** Whether images are preprocessed; default no. Then they have one channel and sides of at most 32. */
  readonly preprocessed?: boolean;
}

const ATTEMPTS = 20_000;

/** A valid architecture within the limits: networks are drawn until one fits. Throws if none of 20,000 does. */
export function randomArchitecture(random: Random, options: RandomArchitectureOptions = {}): Architecture {
  // Drawn once: else the limits would favour short networks.
  const drawn = chance(random, 0.05) ? 0 : integer(random, 1, options.maxLayers ?? 7);
  const length = Math.max(drawn, options.require?.length ?? 0);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const architecture = drawArchitecture(random, length, options);
    if (isWithin(architecture, options)) return architecture;
  }
  throw new Error(`no random architecture met ${JSON.stringify(options)} in ${ATTEMPTS} attempts; relax the options`);
}

function isWithin(architecture: Architecture, options: RandomArchitectureOptions): boolean {
  const { maxMacs = 30_000, maxParameters = 4_000, maxBufferBytes = 900, require = [] } = options;
  const { layers } = architecture;
  if (!require.every((kind) => layers.some((layer) => layer.kind === kind))) return false;
  const shapes = inferShapes(architecture);
  const parameters = layers.reduce((sum, layer) => sum + weightCount(layer, shapes[layer.inputs[0]]), 0);
  if (parameters > maxParameters || countMacs(architecture).total > maxMacs) return false;
  return estimateBufferBytes(architecture, shapes) <= maxBufferBytes;
}

/**
 * A generous bound of the bytes that a row-streaming executor keeps: the rows that a window needs, whole tensors where
 * several layers read them, 32-bit sums of dense and global pooling layers.
 */
export function estimateBufferBytes({ layers }: Architecture, shapes: readonly Shape[]): number {
  const rings = shapes.map((shape, tensor) => {
    const readers = layers.filter((layer) => layer.inputs.includes(tensor));
    const wholeTensor = readers.length > 1 || readers.some((layer) => layer.kind === 'add');
    const rows = wholeTensor ? shape.height : Math.max(1, ...readers.map(rowsNeeded));
    return Math.min(rows, shape.height) * shape.width * shape.channels;
  });
  const sums = layers.map((layer, index) => {
    return layer.kind === 'dense' || layer.kind === 'globalAveragePool' ? 4 * shapes[index + 1].channels : 0;
  });
  return [...rings, ...sums].reduce((total, bytes) => total + bytes, 0);
}

function rowsNeeded(layer: LayerSpec): number {
  if ('kernel' in layer) return layer.kernel.height + layer.stride;
  return 'window' in layer ? layer.window.height + layer.stride.height : 1;
}

/** Its layers are called layer1, layer2, … */
function drawArchitecture(random: Random, length: number, options: RandomArchitectureOptions): Architecture {
  const { input = drawInput(random, options), weightBits, sharing, symmetric, preprocessed } = options;
  const growth = startGrowth(input, random, weightBits, sharing, symmetric);
  for (const kind of drawKinds(random, length, options.require ?? [])) grow(growth, kind);
  finish(growth);
  const architecture = { input: growth.shapes[0], layers: growth.layers };
  return preprocessed ? { ...architecture, preprocessing: 'momentNormalization' } : architecture;
}

/** The kinds that leave a single pixel come last, followed by two others at most. */
function drawKinds(random: Random, length: number, required: readonly LayerKind[]): LayerKind[] {
  const draw = (kinds: readonly LayerKind[], count: number) => Array.from({ length: count }, () => pick(random, kinds));
  const head = draw(HEAD, Math.min(length, integer(random, 0, 2)));
  const body = draw(BODY, length - head.length);
  for (const kind of required) place(random, BODY.includes(kind) ? body : head, kind);
  return [...body, ...head];
}

/** Overwrites one of them, so that the network does not grow; if there are none, it has to. */
function place(random: Random, kinds: LayerKind[], kind: LayerKind): void {
  if (!kinds.includes(kind)) kinds.splice(integer(random, 0, Math.max(0, kinds.length - 1)), 1, kind);
}

const SIDES: readonly [number, number][] = [[1, 3], [4, 10], [7, 20], [7, 20], [7, 20], [20, 32]]; // prettier-ignore

function drawInput(random: Random, { preprocessed = false }: RandomArchitectureOptions): Shape {
  const side = () => integer(random, ...pick(random, SIDES));
  if (preprocessed) return { height: side(), width: side(), channels: 1 };
  return { height: side(), width: side(), channels: chance(random, 0.4) ? 1 : integer(random, 2, 6) };
}
