import { averagePool, logits, sequential, type Model } from '@sparrow/model';

/** For MNIST: the mean over 4 × 4 pixels, then a dense layer with some weights, 490 MACs. It knows nothing, and is fast. */
export const tinyModel: Model = {
  name: 'tiny',
  architecture: sequential({ height: 28, width: 28, channels: 1 }, [averagePool(4), logits(10)]),
  parameters: [
    { kind: 'pool', bias: 0, requantization: { multipliers: Uint16Array.of(16), shift: 8 } },
    {
      kind: 'weighted',
      weights: Int8Array.from({ length: 490 }, (_, index) => ((index * 37) % 255) - 127),
      bias: Int32Array.from({ length: 10 }, (_, index) => index * 11),
    },
  ],
  provenance: {},
};
