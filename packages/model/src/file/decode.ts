import { crc32 } from 'node:zlib';
import { isWeighted, type LayerSpec, type Shape } from '../architecture.ts';
import { weightCount } from '../counts.ts';
import { ModelError } from '../errors.ts';
import type { LayerParameters, Model } from '../model.ts';
import { firstIssue } from '../schema.ts';
import { inferShapes } from '../shapes.ts';
import { validateModel } from '../validate.ts';
import {
  CRC_BYTES,
  FORMAT_VERSION,
  type Header,
  HEADER_OFFSET,
  headerSchema,
  MAGIC,
  type ParameterHeader,
} from './format.ts';
import { packedBytes, unpackWeights } from './packing.ts';

/**
 * The model in the bytes of a `.sparrow` file. Throws a `ModelError` that starts with `where` (the file's path) if the
 * bytes are something else, incomplete, damaged, of a newer version, or not a valid model.
 */
export function decodeModel(bytes: Uint8Array, where = 'model file'): Model {
  try {
    const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    checkFrame(file);
    const payloadOffset = HEADER_OFFSET + file.readUInt32LE(16);
    if (payloadOffset > file.length - CRC_BYTES) throw new ModelError('its header is longer than the file');
    const header = parseHeader(file.toString('utf8', HEADER_OFFSET, payloadOffset));
    const model = assembleModel(header, file.subarray(payloadOffset, -CRC_BYTES));
    validateModel(model);
    return model;
  } catch (error) {
    if (error instanceof ModelError) throw new ModelError(`${where}: ${error.message}`);
    throw error;
  }
}

/** What is the same in all versions: magic, length, CRC; then the version. */
function checkFrame(file: Buffer): void {
  const start = file.subarray(0, MAGIC.length);
  if (file.length === 0) throw new ModelError('the file is empty');
  if (!start.equals(MAGIC.subarray(0, file.length))) throw new ModelError('not a Sparrow model file');
  if (file.length < HEADER_OFFSET + CRC_BYTES) throw new ModelError(`truncated: only ${file.length} bytes are left`);
  const length = file.readUInt32LE(12);
  if (file.length < length)
    throw new ModelError(`truncated: ${file.length} of ${length} bytes are left; copy it again`);
  const crc = file.readUInt32LE(file.length - CRC_BYTES);
  if (file.length > length || crc32(file.subarray(0, -CRC_BYTES)) !== crc) {
    throw new ModelError('damaged: its checksum does not match; copy it again');
  }
  const version = file.readUInt32LE(8);
  if (version > FORMAT_VERSION) {
    throw new ModelError(`has format version ${version}, this Sparrow reads up to ${FORMAT_VERSION}; update Sparrow`);
  }
  if (version < 1) throw new ModelError(`has format version ${version}, which does not exist`);
}

function parseHeader(text: string): Header {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new ModelError('its header is not JSON');
  }
  const parsed = headerSchema.safeParse(json);
  if (!parsed.success) throw new ModelError(`its header is not valid: ${firstIssue(parsed.error)}`);
  return parsed.data;
}

function assembleModel({ name, provenance, architecture, parameters }: Header, payload: Buffer): Model {
  const shapes = inferShapes(architecture);
  if (parameters.length !== architecture.layers.length) {
    throw new ModelError(`has ${architecture.layers.length} layers, but parameters for ${parameters.length}`);
  }
  const sizes = architecture.layers.map((layer, index) => {
    return arraySizes(layer, parameters[index], shapes[layer.inputs[0]], shapes[index + 1]);
  });
  const needed = sizes.reduce((sum, { weights, bias, multipliers }) => sum + weights + bias + multipliers, 0);
  if (needed !== payload.length) throw new ModelError(`needs ${needed} bytes of parameters, has ${payload.length}`);
  let offset = 0;
  const take = (length: number) => payload.subarray(offset, (offset += length));
  const decoded = architecture.layers.map((layer, index): LayerParameters => {
    const { weights, bias, multipliers } = sizes[index];
    const count = weightCount(layer, shapes[layer.inputs[0]]);
    return decodeParameters(layer, parameters[index], count, [take(weights), take(bias), take(multipliers)]);
  });
  return { name, architecture, parameters: decoded, provenance };
}

interface ArraySizes {
  /** In bytes, as all of these. */
  readonly weights: number;
  readonly bias: number;
  readonly multipliers: number;
}

function arraySizes(layer: LayerSpec, parameters: ParameterHeader, input: Shape, output: Shape): ArraySizes {
  if (parameters.kind !== 'weighted' || !isWeighted(layer)) return { weights: 0, bias: 0, multipliers: 0 };
  return {
    weights: packedBytes(weightCount(layer, input), layer.weightBits),
    bias: 4 * output.channels,
    multipliers: parameters.shift === undefined ? 0 : 2 * output.channels,
  };
}

function decodeParameters(
  layer: LayerSpec,
  parameters: ParameterHeader,
  count: number,
  [weights, bias, multipliers]: readonly Buffer[],
): LayerParameters {
  switch (parameters.kind) {
    case 'weighted':
      return {
        kind: 'weighted',
        weights: isWeighted(layer) ? unpackWeights(weights, count, layer.weightBits) : new Int8Array(),
        bias: Int32Array.from({ length: bias.length / 4 }, (_, channel) => bias.readInt32LE(4 * channel)),
        requantization:
          parameters.shift === undefined
            ? undefined
            : {
                multipliers: Uint16Array.from({ length: multipliers.length / 2 }, (_, channel) =>
                  multipliers.readUInt16LE(2 * channel),
                ),
                shift: parameters.shift,
              },
      };
    case 'pool': {
      const { bias: sumBias, multiplier, shift } = parameters;
      return { kind: 'pool', bias: sumBias, requantization: { multipliers: Uint16Array.of(multiplier), shift } };
    }
    case 'add':
    case 'none':
      return parameters;
  }
}
