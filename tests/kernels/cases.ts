import {
  averagePool,
  conv2d,
  dense,
  depthwiseConv2d,
  globalAveragePool,
  logits,
  maxPool,
  pointwise,
  referenceArchitecture,
  residual,
  sequential,
  type Architecture,
  type Block,
  type Shape,
  type WeightBits,
} from '@sparrow/model';

/** What is measured: one layer in a network that is otherwise as small as can be. */
export interface KernelCase {
  readonly kernel: string;
  readonly shape: string;
  /** Name of the layer. */
  readonly layer: string;
  readonly architecture: (weightBits: WeightBits) => Architecture;
}

const side = (size: number, channels: number): Shape => ({ height: size, width: size, channels });

/** An image is interleaved, what layers write is planar: a pool of one pixel makes it so. */
function single(
  kernel: string,
  input: Shape,
  shape: string,
  layer: string,
  block: (weightBits: WeightBits) => readonly Block[],
): KernelCase {
  const first = input.channels === 1 ? [] : [maxPool(1)];
  const tail = (blocks: readonly Block[]): readonly Block[] =>
    blocks.some(({ kind }) => kind === 'dense') ? [logits(2)] : [globalAveragePool(), logits(2)];
  return {
    kernel,
    shape,
    layer,
    architecture: (bits) => sequential(input, [...first, ...block(bits), ...tail(block(bits))]),
  };
}

export const LAYERS: readonly KernelCase[] = [
  single('conv2d 3×3', side(28, 1), '28×28×1 → 8', 'conv1', (weightBits) => [conv2d(8, { weightBits })]),
  single('conv2d 3×3, max-pool 2×2', side(28, 1), '28×28×1 → 8', 'conv1', (weightBits) => [
    conv2d(8, { weightBits }),
    maxPool(2),
  ]),
  single('conv2d 3×3', side(14, 8), '14×14×8 → 16', 'conv1', (weightBits) => [conv2d(16, { weightBits })]),
  single('conv2d 3×3, max-pool 2×2', side(14, 8), '14×14×8 → 16', 'conv1', (weightBits) => [
    conv2d(16, { weightBits }),
    maxPool(2),
  ]),
  single('conv2d 3×3', side(7, 16), '7×7×16 → 24', 'conv1', (weightBits) => [conv2d(24, { weightBits })]),
  single('conv2d 3×3 stride 2', side(14, 8), '14×14×8 → 16', 'conv1', (weightBits) => [
    conv2d(16, { stride: 2, weightBits }),
  ]),
  single('conv2d 3×3 valid', side(12, 5), '12×12×5 → 8', 'conv1', (weightBits) => [
    conv2d(8, { padding: 'valid', weightBits }),
  ]),
  single('conv2d 5×5', side(14, 6), '14×14×6 → 12', 'conv1', (weightBits) => [conv2d(12, { kernel: 5, weightBits })]),
  single('conv2d 1×1', side(14, 16), '14×14×16 → 16', 'conv1', (weightBits) => [pointwise(16, { weightBits })]),
  single('conv2d 1×1', side(14, 24), '14×14×24 → 24', 'conv1', (weightBits) => [pointwise(24, { weightBits })]),
  single('conv2d 1×1', side(7, 24), '7×7×24 → 24', 'conv1', (weightBits) => [pointwise(24, { weightBits })]),
  single('depthwise 3×3', side(14, 16), '14×14×16', 'depthwise1', (weightBits) => [depthwiseConv2d({ weightBits })]),
  single('depthwise 3×3', side(7, 24), '7×7×24', 'depthwise1', (weightBits) => [depthwiseConv2d({ weightBits })]),
  single('depthwise 3×3 stride 2', side(14, 16), '14×14×16', 'depthwise1', (weightBits) => [
    depthwiseConv2d({ stride: 2, weightBits }),
  ]),
  single('dense', side(14, 1), '14×14×1 → 32', 'dense1', (weightBits) => [dense(32, { weightBits })]),
  single('dense', side(7, 8), '7×7×8 → 32', 'dense1', (weightBits) => [dense(32, { weightBits })]),
  single('dense', side(4, 11), '4×4×11 → 20', 'dense1', (weightBits) => [dense(20, { weightBits })]),
];

/** Layers without weights: their time is per output. */
export const OTHERS: readonly KernelCase[] = [
  single('average pool 2×2', side(28, 1), '28×28×1', 'pool1', () => [averagePool(2)]),
  single('average pool 2×2', side(14, 8), '14×14×8', 'pool2', () => [averagePool(2)]),
  single('max-pool 2×2', side(14, 8), '14×14×8', 'pool2', () => [maxPool(2)]),
  single('max-pool 3×3 stride 2', side(14, 8), '14×14×8', 'pool2', () => [maxPool(3, 2)]),
  single('global average', side(7, 24), '7×7×24', 'pool2', () => []),
  single('residual addition', side(14, 8), '14×14×8', 'add1', () => [residual([pointwise(8)])]),
];

export interface NetworkCase {
  readonly name: string;
  readonly architecture: (weightBits: WeightBits) => Architecture;
}

const MNIST = side(28, 1);

const withBits = (architecture: Architecture, weightBits: WeightBits): Architecture => ({
  ...architecture,
  layers: architecture.layers.map((layer) => ('weightBits' in layer ? { ...layer, weightBits } : layer)),
});

export const NETWORKS: readonly NetworkCase[] = [
  { name: 'reference network of `training:bench`', architecture: (bits) => withBits(referenceArchitecture(), bits) },
  {
    name: 'avgpool2 → conv3×3×5 → conv3×3×8 → conv3×3×11 → maxpool2 → dense10',
    architecture: (bits) => {
      const valid = { padding: 'valid', weightBits: bits } as const;
      const body = [conv2d(5, valid), conv2d(8, valid), conv2d(11, valid)];
      return sequential(MNIST, [averagePool(2), ...body, maxPool(2), logits(10, { weightBits: bits })]);
    },
  },
  {
    name: 'separable: conv3×3×8/2 → maxpool2 → (depthwise3×3, pointwise) × 16, 16, 24 → dense10',
    architecture: (weightBits) => {
      const separable = (filters: number) => [depthwiseConv2d({ weightBits }), pointwise(filters, { weightBits })];
      const body = [
        conv2d(8, { stride: 2, weightBits }),
        maxPool(2),
        ...separable(16),
        ...separable(16),
        ...separable(24),
      ];
      return sequential(MNIST, [...body, globalAveragePool(), logits(10, { weightBits })]);
    },
  },
];
