import { z } from 'zod';
import { architectureSchema } from '../schema.ts';

/**
 * A `.sparrow` file, all numbers little-endian:
 *
 *   offset  bytes
 *        0      8  magic: 0x89 'SPARROW' (the first byte is not text, so that text conversions show)
 *        8      4  format version
 *       12      4  bytes of the whole file
 *       16      4  bytes of the header
 *       20         header: JSON, see `headerSchema`
 *                  payload: for each layer with weights, packed weights, biases (int32), multipliers (uint16)
 *     last      4  CRC-32 of all bytes before
 *
 * The first 16 bytes and the CRC at the end stay the same in all versions, so that any reader can tell a damaged file
 * from a newer one.
 */
export const MAGIC = Uint8Array.of(0x89, 0x53, 0x50, 0x41, 0x52, 0x52, 0x4f, 0x57);
export const FORMAT_VERSION = 1;
export const HEADER_OFFSET = 20;
export const CRC_BYTES = 4;

const shift = z.literal([0, 8, 16, 24]);
const uint16 = z.int().min(0).max(65_535);

const parameterSchema = z.discriminatedUnion('kind', [
  /** Without a shift there are no multipliers in the payload: the last layer. */
  z.strictObject({ kind: z.literal('weighted'), shift: shift.optional() }),
  z.strictObject({ kind: z.literal('pool'), bias: z.int32(), multiplier: uint16, shift }),
  z.strictObject({ kind: z.literal('add'), bias: z.int32(), multipliers: z.tuple([uint16, uint16]), shift }),
  z.strictObject({ kind: z.literal('none') }),
]);

export const headerSchema = z.strictObject({
  name: z.string(),
  provenance: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  architecture: architectureSchema,
  parameters: z.array(parameterSchema),
});

export type Header = z.infer<typeof headerSchema>;
export type ParameterHeader = Header['parameters'][number];
