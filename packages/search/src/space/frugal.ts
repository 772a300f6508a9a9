import {
  isWeighted,
  NARROW_BIAS_BITS,
  orbitSize,
  readsImage,
  type Architecture,
  type Conv2d,
  type LayerSpec,
  type Symmetry,
} from '@sparrow/model';

/**
 * The same network with fewer bytes of parameters: convolutions whose kernels are alike share the first one's, filters are transforms of each other
 * where `symmetry` allows it, biases take a byte each.
 */
export function withFewBytes({ input, layers }: Architecture, symmetry?: Symmetry): Architecture {
  const channels = [input.channels];
  const owners = new Map<string, string>();
  const frugal = layers.map((layer): LayerSpec => {
    const inputChannels = channels[layer.inputs[0]];
    channels.push(layer.kind === 'conv2d' ? layer.filters : layer.kind === 'dense' ? layer.units : inputChannels);
    if (!isWeighted(layer)) return layer;
    const narrow = { ...layer, biasBits: NARROW_BIAS_BITS } as const;
    if (narrow.kind === 'dense') return narrow;
    const own = narrow.kind === 'conv2d' ? inOrbits(narrow, inputChannels, symmetry) : narrow;
    const kernel = JSON.stringify([describe(own, inputChannels), own.kernel, own.weightBits]);
    const owner = owners.get(kernel);
    if (owner !== undefined) return { ...own, tiedTo: owner };
    owners.set(kernel, layer.name);
    return own;
  });
  return { input, layers: frugal };
}

/** With filters in orbits, if they and the channels that they read can be. */
function inOrbits(layer: Conv2d, inputChannels: number, symmetry: Symmetry | undefined): Conv2d {
  if (symmetry === undefined || layer.weightBits === 2) return layer;
  const symmetric: Conv2d = { ...layer, symmetry };
  const order = orbitSize(symmetric);
  const square = layer.kernel.height === layer.kernel.width;
  const divides = layer.filters % order === 0 && (readsImage(layer) || inputChannels % order === 0);
  return divides && (square || symmetry === 'mirror') ? symmetric : layer;
}

/** What convolutions have to have in common to share a kernel, besides its size. */
function describe(layer: Extract<LayerSpec, { kernel: object }>, inputChannels: number): readonly unknown[] {
  if (layer.kind === 'depthwiseConv2d') return [layer.kind, inputChannels];
  return [layer.kind, inputChannels, layer.filters, layer.symmetry ?? 'none', layer.symmetry && readsImage(layer)];
}
