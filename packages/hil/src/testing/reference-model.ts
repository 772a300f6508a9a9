import {
  inferShapes,
  referenceArchitecture,
  shapeSize,
  weightsPerChannel,
  type LayerParameters,
  type Model,
} from '@sparrow/model';
import { integer, seededRandom } from '@sparrow/model/testing';

const LARGEST_WEIGHT = 63;

/** The reference network with random weights: it knows nothing, but computes as long as a trained one. */
export function referenceModel(seed = 1): Model {
  const random = seededRandom(seed);
  const architecture = referenceArchitecture();
  const shapes = inferShapes(architecture);
  const parameters = architecture.layers.map((layer, index): LayerParameters => {
    const input = shapes[layer.inputs[0]];
    const { channels } = shapes[index + 1];
    switch (layer.kind) {
      case 'conv2d':
      case 'dense': {
        const taps = weightsPerChannel(layer, input);
        const weights = new Int8Array(channels * taps).map(() => integer(random, -LARGEST_WEIGHT, LARGEST_WEIGHT));
        const bias = new Int32Array(channels).map(() => integer(random, -1000, 1000));
        if (layer.kind === 'dense' && layer.activation === 'none') return { kind: 'weighted', weights, bias };
        // Sums of random products grow with the root of their number: this spreads them over 0…255.
        const multiplier = Math.round((4 * 2 ** 16) / (LARGEST_WEIGHT * Math.sqrt(taps)));
        return {
          kind: 'weighted',
          weights,
          bias,
          requantization: { multipliers: new Uint16Array(channels).fill(multiplier), shift: 16 },
        };
      }
      case 'globalAveragePool': {
        const multiplier = Math.round(2 ** 16 / (shapeSize(input) / input.channels));
        return { kind: 'pool', bias: 0, requantization: { multipliers: Uint16Array.of(multiplier), shift: 16 } };
      }
      default:
        return { kind: 'none' };
    }
  });
  return { name: 'reference', architecture, parameters, provenance: { seed } };
}
