import { crc32 } from 'node:zlib';
import type { LayerSpec } from '../architecture.ts';
import { isWeighted } from '../architecture.ts';
import { ModelError } from '../errors.ts';
import type { LayerParameters, Model } from '../model.ts';
import { firstIssue } from '../schema.ts';
import { validateModel } from '../validate.ts';
import { CRC_BYTES, FORMAT_VERSION, HEADER_OFFSET, headerSchema, MAGIC, type ParameterHeader } from './format.ts';
import { packWeights } from './packing.ts';

/** The bytes of a `.sparrow` file. Throws a `ModelError` if the model is not valid. */
export function encodeModel(model: Model): Uint8Array {
  validateModel(model);
  const { name, provenance, architecture } = model;
  const header = { name, provenance, architecture, parameters: model.parameters.map(describeParameters) };
  const checked = headerSchema.safeParse(header);
  if (!checked.success) throw new ModelError(`${name}: ${firstIssue(checked.error)}`);
  const headerBytes = Buffer.from(JSON.stringify(checked.data));
  const payload = encodePayload(model);
  const payloadOffset = HEADER_OFFSET + headerBytes.length;
  const bytes = Buffer.alloc(payloadOffset + payload.length + CRC_BYTES);
  bytes.set(MAGIC, 0);
  bytes.writeUInt32LE(FORMAT_VERSION, 8);
  bytes.writeUInt32LE(bytes.length, 12);
  bytes.writeUInt32LE(headerBytes.length, 16);
  bytes.set(headerBytes, HEADER_OFFSET);
  bytes.set(payload, payloadOffset);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, -CRC_BYTES)), bytes.length - CRC_BYTES);
  return new Uint8Array(bytes);
}

/**
 * CRC-32 of all that decides the logits: shapes, edges and parameters, not the names and the provenance. Firmware
 * carries it, so that a chip can say which model it runs.
 */
export function modelId(model: Model): number {
  const parameters = model.parameters.map(describeParameters);
  const structure = Buffer.from(canonicalJson({ architecture: model.architecture, parameters }));
  return crc32(encodePayload(model), crc32(structure));
}

/** What goes into the header; long arrays go into the payload. */
function describeParameters(parameters: LayerParameters): ParameterHeader {
  switch (parameters.kind) {
    case 'weighted':
      return { kind: 'weighted', shift: parameters.requantization?.shift };
    case 'pool': {
      const { multipliers, shift } = parameters.requantization;
      return { kind: 'pool', bias: parameters.bias, multiplier: multipliers[0], shift };
    }
    case 'add': {
      const { bias, multipliers, shift } = parameters;
      return { kind: 'add', bias, multipliers: [...multipliers], shift };
    }
    case 'none':
      return { kind: 'none' };
  }
}

function encodePayload(model: Model): Buffer {
  const { layers } = model.architecture;
  return Buffer.concat(layers.flatMap((layer, index) => encodeArrays(layer, model.parameters[index])));
}

function encodeArrays(layer: LayerSpec, parameters: LayerParameters): Uint8Array[] {
  if (parameters.kind !== 'weighted' || !isWeighted(layer)) return [];
  const { weights, bias, requantization } = parameters;
  const biasBytes = Buffer.alloc(4 * bias.length);
  bias.forEach((value, channel) => biasBytes.writeInt32LE(value, 4 * channel));
  const multipliers = requantization?.multipliers ?? new Uint16Array();
  const multiplierBytes = Buffer.alloc(2 * multipliers.length);
  multipliers.forEach((value, channel) => multiplierBytes.writeUInt16LE(value, 2 * channel));
  return [packWeights(weights, layer.weightBits), biasBytes, multiplierBytes];
}

/** Names, and promises that the parameters keep whether they are written down or not. */
const OF_NO_ACCOUNT: readonly string[] = ['name', 'tiedTo', 'symmetry', 'biasBits', 'multiplierBits'];

/** The same text for equal values, in whatever order their keys were written; what is of no account is left out. */
function canonicalJson(value: object): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    const entries = Object.entries(inner).filter(([key]) => !OF_NO_ACCOUNT.includes(key));
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
