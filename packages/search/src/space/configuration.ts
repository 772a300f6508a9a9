import { SYMMETRIES } from '@sparrow/model';
import { z } from 'zod';

/**
 * One point of the search space: the network, how it is trained, how it is pruned. Plain JSON, so that a study can store it.
 * The choices of each dimension are data (`choices`), shared by sampling, mutation, encoding and validation.
 */
export const choices = {
  inputPool: [1, 2],
  blockKind: ['conv', 'separable', 'pointwise'],
  filters: [3, 4, 5, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40],
  kernel: ['3x3', '5x5', '1x3', '3x1', '1x5', '5x1', '2x2', '4x4'],
  stride: [1, 2],
  padding: ['same', 'valid'],
  pool: ['none', 'max', 'average'],
  weightBits: [8, 4, 2],
  accumulatorBits: [16, 24],
  symmetry: ['none', ...SYMMETRIES],
  head: ['dense', 'globalAverage'],
  pruning: ['none', 'structured', 'magnitude', 'variational', 'groupVariational'],
} as const;

export const blockCount = { minimum: 2, maximum: 6 } as const;

const blockSchema = z.strictObject({
  /** `separable` is depthwise k×k followed by pointwise; `pointwise` ignores kernel, stride and padding. */
  kind: z.enum(choices.blockKind),
  filters: z.int().min(1).max(64),
  kernel: z.enum(choices.kernel),
  stride: z.literal(choices.stride),
  padding: z.enum(choices.padding),
  /** 2×2 pooling after the convolution. */
  pool: z.enum(choices.pool),
  /** Adds the block's input to its output where both have one shape; ignored elsewhere. */
  residual: z.boolean(),
  weightBits: z.literal(choices.weightBits),
  /** 16: weights are kept small enough for sums of 16 bits, which the chip adds faster. */
  accumulatorBits: z.literal(choices.accumulatorBits),
});

export const configurationSchema = z.strictObject({
  /** The image is averaged over n×n pixels first; 1 leaves it as it is. */
  inputPool: z.literal(choices.inputPool),
  blocks: z.array(blockSchema).min(blockCount.minimum).max(blockCount.maximum),
  /** Few bytes of parameters count: layers whose kernels are alike share one, and a bias takes a byte. */
  frugal: z.boolean().default(false),
  /** Of a frugal network: filters are transforms of each other, where channels go into orbits. */
  symmetry: z.enum(choices.symmetry).default('none'),
  /** Images are moved, sheared and scaled first, where they can be. */
  normalised: z.boolean().default(false),
  head: z.enum(choices.head),
  headWeightBits: z.literal(choices.weightBits),
  pruning: z.strictObject({
    kind: z.enum(choices.pruning),
    /** Fraction that goes: of the output channels (structured, groupVariational), or of the weights. */
    ratio: z.number().min(0).max(0.9),
  }),
  training: z.strictObject({
    learningRate: z.number().positive(),
    weightDecay: z.number().min(0),
    labelSmoothing: z.number().min(0).max(0.5),
    /** Strength of shift, rotation and scale together; 1 is the trainer's default. */
    augmentation: z.number().min(0).max(2),
  }),
});

export type Configuration = z.infer<typeof configurationSchema>;
export type Block = Configuration['blocks'][number];
export type KernelName = Block['kernel'];

export function kernelSize(name: KernelName): { height: number; width: number } {
  const [height, width] = name.split('x').map(Number);
  return { height, width };
}

export function prunesWeights({ kind }: Configuration['pruning']): boolean {
  return kind === 'magnitude' || kind === 'variational';
}
