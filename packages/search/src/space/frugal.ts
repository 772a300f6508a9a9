import { isWeighted, type Architecture, type LayerSpec, NARROW_BIAS_BITS } from '@sparrow/model';

/** The same network with fewer bytes of parameters: convolutions whose kernels are alike share the first one's, biases take a byte each. */
export function withFewBytes({ input, layers }: Architecture): Architecture {
  const channels = [input.channels];
  const owners = new Map<string, string>();
  const frugal = layers.map((layer): LayerSpec => {
    const inputChannels = channels[layer.inputs[0]];
    channels.push(layer.kind === 'conv2d' ? layer.filters : layer.kind === 'dense' ? layer.units : inputChannels);
    if (!isWeighted(layer)) return layer;
    const narrow = { ...layer, biasBits: NARROW_BIAS_BITS } as const;
    if (narrow.kind === 'dense') return narrow;
    const filters = narrow.kind === 'conv2d' ? narrow.filters : inputChannels;
    const kernel = JSON.stringify([narrow.kind, narrow.kernel, inputChannels, filters, narrow.weightBits]);
    const owner = owners.get(kernel);
    if (owner !== undefined) return { ...narrow, tiedTo: owner };
    owners.set(kernel, layer.name);
    return narrow;
  });
  return { input, layers: frugal };
}
