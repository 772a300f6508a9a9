import {
  complaintAboutSymmetry,
  describeKernel,
  isWeighted,
  NARROW_BIAS_BITS,
  type Architecture,
  type Conv2d,
  type LayerSpec,
  type Symmetry,
} from '@sparrow/model';

/**
 * The same network with fewer bytes of parameters: convolutions whose kernels are alike share the first one's, filters are transforms of each other
 * where `symmetry` allows it, biases take a byte each.
 */
export function withFewBytes(architecture: Architecture, symmetry?: Symmetry): Architecture {
  const channels = [architecture.input.channels];
  const owners = new Map<string, string>();
  const layers = architecture.layers.map((layer): LayerSpec => {
    const inputChannels = channels[layer.inputs[0]];
    channels.push(layer.kind === 'conv2d' ? layer.filters : layer.kind === 'dense' ? layer.units : inputChannels);
    if (!isWeighted(layer)) return layer;
    const narrow = { ...layer, biasBits: NARROW_BIAS_BITS } as const;
    if (narrow.kind === 'dense') return narrow;
    const own = narrow.kind === 'conv2d' ? inOrbits(narrow, inputChannels, symmetry) : narrow;
    const kernel = `${own.kind} ${describeKernel(own, { channels: inputChannels })}`;
    const owner = owners.get(kernel);
    if (owner !== undefined) return { ...own, tiedTo: owner };
    owners.set(kernel, layer.name);
    return own;
  });
  return { ...architecture, layers };
}

/** With filters in orbits, if they and the channels that they read can be. */
function inOrbits(layer: Conv2d, inputChannels: number, symmetry: Symmetry | undefined): Conv2d {
  const symmetric: Conv2d = { ...layer, ...(symmetry === undefined ? {} : { symmetry }) };
  return complaintAboutSymmetry(symmetric, inputChannels) === undefined ? symmetric : layer;
}
