import { type Architecture, type LayerSpec, NARROW_MULTIPLIER_BITS } from '@sparrow/model';

/** The same network with fine multipliers in convolutions of coarse weights, which so keep what they were trained with (docs/adr/0011). */
export function withFineMultipliers(architecture: Architecture): Architecture {
  return { ...architecture, layers: architecture.layers.map(refine) };
}

function refine(layer: LayerSpec): LayerSpec {
  const isConvolution = layer.kind === 'conv2d' || layer.kind === 'depthwiseConv2d';
  return isConvolution && layer.weightBits < 8 ? { ...layer, multiplierBits: NARROW_MULTIPLIER_BITS } : layer;
}
