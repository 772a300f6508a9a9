import type { Conv2d, LayerSpec, Shape, Symmetry } from './architecture.ts';
import { layerError } from './errors.ts';

/** Transforms of each symmetry, the identity included: as many filters are made from one. */
export const ORDERS = { mirror: 2, rotation: 4 } as const satisfies Record<Symmetry, number>;

/** The symmetry of a layer's filters. */
export function symmetryOf(layer: LayerSpec): Symmetry | undefined {
  return layer.kind === 'conv2d' ? layer.symmetry : undefined;
}

/** Filters that are transforms of one, side by side; 1 for layers without symmetry. */
export function orbitSize(layer: LayerSpec): number {
  const symmetry = symmetryOf(layer);
  return symmetry === undefined ? 1 : ORDERS[symmetry];
}

/** The first channel of the orbit that a channel is in. */
export function firstOfOrbit(layer: LayerSpec, channel: number): number {
  return channel - (channel % orbitSize(layer));
}

/** Whether a layer reads the image, whose channels stay what they are when it is transformed; other inputs have orbits of channels. */
export function readsImage({ inputs }: LayerSpec): boolean {
  return inputs[0] === 0;
}

/** A tap of a kernel, and a channel that it reads. */
export interface Tap {
  readonly row: number;
  readonly column: number;
  readonly channel: number;
}

/**
 * Where the weight that a filter has at `tap` is in the filter that comes `steps` transforms later in its orbit: a mirror turns columns around, a
 * rotation is by a quarter, clockwise, and channels of one orbit change places as their filters did (Cohen and Welling 2016, "Group
 * equivariant convolutional networks", eq. 10 and 11).
 */
export function transformTap(layer: Conv2d, { row, column, channel }: Tap, steps: number): Tap {
  const { height, width } = layer.kernel;
  const order = orbitSize(layer);
  const member = channel % order;
  const to = readsImage(layer) ? channel : channel - member + ((member + steps) % order);
  if (layer.symmetry === 'mirror') return { row, column: steps % 2 === 1 ? width - 1 - column : column, channel: to };
  let place = [row, column];
  for (let step = 0; step < steps % order; step++) place = [place[1], height - 1 - place[0]];
  return { row: place[0], column: place[1], channel: to };
}

/**
 * For each weight of a layer with symmetry the index of the one that it is equal to, in the first filter of its orbit. Layout as in
 * `WeightedParameters.weights`; `channels` are those of the layer's input.
 */
export function weightOrbits(layer: Conv2d, channels: number): Int32Array {
  const { height, width } = layer.kernel;
  const order = orbitSize(layer);
  const orbits = new Int32Array(layer.filters * height * width * channels);
  const indexOf = (filter: number, { row, column, channel }: Tap): number =>
    ((filter * height + row) * width + column) * channels + channel;
  for (let first = 0; first < layer.filters; first += order) {
    for (let index = 0; index < height * width * channels; index++) {
      const tap: Tap = {
        row: Math.floor(index / (width * channels)),
        column: Math.floor(index / channels) % width,
        channel: index % channels,
      };
      for (let steps = 0; steps < order; steps++) {
        orbits[indexOf(first + steps, transformTap(layer, tap, steps))] = indexOf(first, tap);
      }
    }
  }
  return orbits;
}

/** Copies in place the weights of the first filter of each orbit to the others. */
export function shareOrbits(layer: LayerSpec, channels: number, weights: Int8Array | Float32Array | Uint8Array): void {
  if (layer.kind !== 'conv2d' || layer.symmetry === undefined) return;
  weightOrbits(layer, channels).forEach((source, index) => (weights[index] = weights[source]));
}

/** Copies in place what the first channel of each orbit has to the others. */
export function shareChannels(layer: LayerSpec, values: Int32Array | Uint16Array | Float32Array): void {
  if (symmetryOf(layer) === undefined) return;
  values.forEach((_, channel) => (values[channel] = values[firstOfOrbit(layer, channel)]));
}

/** @throws ModelError that names a layer whose filters or input do not come in orbits */
export function checkSymmetries(layers: readonly LayerSpec[], shapes: readonly Shape[]): void {
  layers.forEach((layer, index) => {
    const complaint = complaintAboutSymmetry(layer, shapes[layer.inputs[0]].channels);
    if (complaint !== undefined) throw layerError(layer, index, complaint);
  });
}

/** Why a layer that reads so many channels cannot have the symmetry that it has, if it cannot. */
export function complaintAboutSymmetry(layer: LayerSpec, channels: number): string | undefined {
  if (layer.kind !== 'conv2d' || layer.symmetry === undefined) return undefined;
  const { symmetry, filters, kernel, weightBits } = layer;
  const order = orbitSize(layer);
  if (filters % order !== 0) return `has ${filters} filters, but with symmetry '${symmetry}' they come by ${order}`;
  if (symmetry === 'rotation' && kernel.height !== kernel.width) {
    return `has a kernel of ${kernel.height}×${kernel.width}, but one that is rotated has to be square`;
  }
  if (!readsImage(layer) && channels % order !== 0) {
    return `reads ${channels} channels, but with symmetry '${symmetry}' they come by ${order}`;
  }
  return weightBits === 2 ? 'has weights of 2 bits; those with a symmetry have 4 or 8' : undefined;
}
