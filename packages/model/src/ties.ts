import { type LayerSpec, type Shape, tieOf } from './architecture.ts';
import { layerError } from './errors.ts';
import { readsImage, symmetryOf } from './symmetry.ts';

/**
 * Layers that share weights, by name: first the one that has them, then those that are tied to it, in order.
 * Layers with weights of their own alone are in no group.
 */
export function tiedGroups(layers: readonly LayerSpec[]): readonly (readonly string[])[] {
  const groups = new Map<string, string[]>();
  for (const layer of layers) {
    const owner = tieOf(layer);
    if (owner === undefined) continue;
    groups.set(owner, [...(groups.get(owner) ?? [owner]), layer.name]);
  }
  return [...groups.values()];
}

/** @throws ModelError that names a layer which cannot have the weights of the one that it is tied to */
export function checkTies(layers: readonly LayerSpec[], shapes: readonly Shape[]): void {
  layers.forEach((layer, index) => {
    const tiedTo = tieOf(layer);
    if (tiedTo === undefined) return;
    const complaint = complaintAbout(layers, shapes, index, tiedTo);
    if (complaint !== undefined) throw layerError(layer, index, `is tied to ${tiedTo}, ${complaint}`);
  });
}

function complaintAbout(
  layers: readonly LayerSpec[],
  shapes: readonly Shape[],
  index: number,
  tiedTo: string,
): string | undefined {
  const layer = layers[index];
  const position = layers.findIndex(({ name }) => name === tiedTo);
  if (position < 0 || position >= index) return 'but no layer before it has this name';
  const owner = layers[position];
  if (owner.kind !== layer.kind) return `but that is a ${owner.kind}, not a ${layer.kind}`;
  if (tieOf(owner) !== undefined) return `which is tied itself; tie it to ${tieOf(owner)}`;
  const [theirs, own] = [owner, layer].map((each) => describeKernel(each, shapes[each.inputs[0]]));
  return theirs === own ? undefined : `whose weights are ${theirs}, but it needs ${own}`;
}

/** Kernels of one description have weights of one layout. */
export function describeKernel(layer: LayerSpec, { channels }: Pick<Shape, 'channels'>): string {
  if (layer.kind !== 'conv2d' && layer.kind !== 'depthwiseConv2d') return layer.kind;
  const { height, width } = layer.kernel;
  const filters = layer.kind === 'conv2d' ? layer.filters : channels;
  const symmetry = symmetryOf(layer);
  const transformed =
    symmetry === undefined ? '' : `, symmetry ${symmetry} of ${readsImage(layer) ? 'images' : 'orbits'}`;
  return `${height}×${width}×${channels} → ${filters}, ${layer.weightBits} bits${transformed}`;
}
