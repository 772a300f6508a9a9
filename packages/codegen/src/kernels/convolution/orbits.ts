import { type Conv2d, orbitSize, readsImage, type Tap, transformTap } from '@sparrow/model';
import type { DenseEncoding } from '../../encodings/index.ts';

/**
 * Filters that are transforms of one, of which flash has the first: how its weights lie there, and where they go in the others. A filter's weights
 * are *unfolded* to RAM before a row of it is computed, a byte each, in the order in which kernels read them: row of taps, channel, tap.
 */
export interface Orbits {
  readonly layer: Conv2d;
  /** Of the layer's input. */
  readonly channels: number;
  /** In flash: all weights of the first filter are one run. */
  readonly encoding: DenseEncoding;
}

export type Coordinate = keyof Tap;

/** Steps along one coordinate of a tap. */
interface Axis {
  readonly coordinate: Coordinate;
  readonly count: number;
  readonly step: number;
}

export function filterWeights({ layer: { kernel }, channels }: Orbits): number {
  return kernel.height * kernel.width * channels;
}

/**
 * The order of weights in flash: loops over coordinates, the outermost first. Where channels change places the inner ones do, so that those of
 * an orbit lie side by side.
 */
export function orderOf({ layer }: Orbits): readonly Coordinate[] {
  return readsImage(layer) ? ['channel', 'row', 'column'] : ['row', 'column', 'channel'];
}

export function countOf({ layer: { kernel }, channels }: Orbits, coordinate: Coordinate): number {
  return { row: kernel.height, column: kernel.width, channel: channels }[coordinate];
}

/** As many registers hold weights while they are unfolded. */
const LARGEST_GROUP = 8;

/** Weights that are loaded at a time: a row of taps of the image, or the channels of whole orbits, which share a number of bytes. */
export function groupSize({ layer, channels }: Orbits): number {
  if (readsImage(layer)) return layer.kernel.width;
  const size = orbitSize(layer);
  let group = LARGEST_GROUP;
  while (group % size !== 0 || channels % group !== 0) group--;
  return group;
}

/** The first filter of an orbit, as it lies in flash; `weightAt` tells its weights. */
export function packOrbit(orbits: Orbits, weightAt: (tap: Tap) => number): number[] {
  const [outer, middle, inner] = orderOf(orbits);
  const range = (coordinate: Coordinate): number[] =>
    Array.from({ length: countOf(orbits, coordinate) }, (_, index) => index);
  const run = range(outer).flatMap((first) =>
    range(middle).flatMap((second) =>
      range(inner).map((third) => weightAt({ ...ORIGIN, [outer]: first, [middle]: second, [inner]: third })),
    ),
  );
  return orbits.encoding.pack(run, groupSize(orbits));
}

/** Bytes of an orbit's weights in flash. */
export function orbitBytes(orbits: Orbits): number {
  return packOrbit(orbits, () => 0).length;
}

const ORIGIN: Tap = { row: 0, column: 0, channel: 0 };

/** How weights go from flash to one filter of an orbit: in loops, each of which moves the address of a group by the same step. */
export interface Route {
  /** Of the first group. */
  readonly start: number;
  /** Of a group's weights, from its address. */
  readonly displacements: readonly number[];
  /** The outermost loop comes first. */
  readonly loops: readonly { readonly count: number; readonly step: number }[];
}

/** The route to the filter that comes `steps` transforms after the first. */
export function routeTo(orbits: Orbits, steps: number): Route {
  const { layer, channels } = orbits;
  const addressOf = (tap: Partial<Tap>): number => {
    const { row, column, channel } = transformTap(layer, { ...ORIGIN, ...tap }, steps);
    return (row * channels + channel) * layer.kernel.width + column;
  };
  const [, , inner] = orderOf(orbits);
  const group = Array.from({ length: groupSize(orbits) }, (_, index) => addressOf({ [inner]: index }));
  const start = Math.min(...group);
  return {
    start,
    displacements: group.map((address) => address - start),
    loops: axesOf(orbits).map(({ coordinate, count, step }) => {
      return { count, step: addressOf({ [coordinate]: step }) - addressOf({}) };
    }),
  };
}

/** From group to group, the outermost first; those without a step are left out. */
function axesOf(orbits: Orbits): Axis[] {
  const order = orderOf(orbits);
  return order
    .map((coordinate, index) => {
      const step = index === order.length - 1 ? groupSize(orbits) : 1;
      return { coordinate, count: countOf(orbits, coordinate) / step, step };
    })
    .filter(({ count }) => count > 1);
}
