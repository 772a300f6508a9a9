import { z } from 'zod';
import {
  type Architecture,
  BOUNDED_ACCUMULATOR_BITS,
  type LayerSpec,
  NARROW_BIAS_BITS,
  NARROW_MULTIPLIER_BITS,
  PREPROCESSINGS,
  SYMMETRIES,
  WEIGHT_BITS,
} from './architecture.ts';

/** Shapes of JSON that comes from outside (model files, stored studies). What fits together is checked by `inferShapes`. */

const count = z.int().positive();
const size = z.strictObject({ height: count, width: count });
const edges = { name: z.string(), inputs: z.array(z.int().nonnegative()) };
const weights = {
  weightBits: z.literal(WEIGHT_BITS),
  accumulatorBits: z.literal(BOUNDED_ACCUMULATOR_BITS).optional(),
  biasBits: z.literal(NARROW_BIAS_BITS).optional(),
};
const convolution = {
  kernel: size,
  stride: z.literal([1, 2]),
  padding: z.enum(['same', 'valid']),
  tiedTo: z.string().optional(),
  multiplierBits: z.literal(NARROW_MULTIPLIER_BITS).optional(),
  ...weights,
};

export const layerSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('conv2d'),
    ...edges,
    filters: count,
    symmetry: z.enum(SYMMETRIES).optional(),
    ...convolution,
  }),
  z.strictObject({ kind: z.literal('depthwiseConv2d'), ...edges, ...convolution }),
  z.strictObject({ kind: z.literal('maxPool'), ...edges, window: size, stride: size }),
  z.strictObject({ kind: z.literal('averagePool'), ...edges, window: size, stride: size }),
  z.strictObject({ kind: z.literal('globalAveragePool'), ...edges }),
  z.strictObject({
    kind: z.literal('dense'),
    ...edges,
    units: count,
    activation: z.enum(['relu', 'none']),
    ...weights,
  }),
  z.strictObject({ kind: z.literal('add'), ...edges }),
]) satisfies z.ZodType<LayerSpec>;

export const architectureSchema = z.strictObject({
  input: z.strictObject({ height: count, width: count, channels: count }),
  preprocessing: z.enum(PREPROCESSINGS).optional(),
  layers: z.array(layerSchema),
}) satisfies z.ZodType<Architecture>;

/** `architecture.layers.3.kernel.height: Too small: …`: the first complaint in one line. */
export function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue.path.length > 0 ? `${issue.path.join('.')}: ${issue.message}` : issue.message;
}
