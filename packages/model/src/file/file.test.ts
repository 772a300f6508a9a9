import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import type { Model } from '../model.ts';
import { randomModel } from '../testing/index.ts';
import { decodeModel } from './decode.ts';
import { encodeModel, modelId } from './encode.ts';
import { packWeights, unpackWeights } from './packing.ts';
import { readModel, writeModel } from './storage.ts';

const seeds = fc.integer({ min: 0, max: 10_000 });
const small = randomModel(7, { maxParameters: 60, maxMacs: 2_000 });
const bytes = encodeModel(small);

/** The bytes with another header text, version, …, and a checksum that matches. */
function forged(change: (file: Buffer) => Buffer): Buffer {
  const file = change(Buffer.from(bytes));
  file.writeUInt32LE(file.length, 12);
  file.writeUInt32LE(crc32(file.subarray(0, -4)), file.length - 4);
  return file;
}

describe('packing', () => {
  test.each([[8, 127], [4, 7], [2, 1]] as const)('of %i bits is undone by unpacking', (bits, limit) => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -limit, max: limit })), (values) => {
        const weights = Int8Array.from(values);
        const packed = packWeights(weights, bits);
        expect(packed.length).toBe(Math.ceil((values.length * bits) / 8));
        expect(unpackWeights(packed, values.length, bits)).toEqual(weights);
      }),
    );
  }); // prettier-ignore

  test('puts the first weight lowest', () => {
    expect([...packWeights(Int8Array.of(1, -1, 0, 1, -1), 2)]).toEqual([0b01_00_11_01, 0b11]);
    expect([...packWeights(Int8Array.of(7, -7, 3), 4)]).toEqual([0x97, 0x03]);
  });
});

describe('model file', () => {
  test('decoding gives back what was encoded', () => {
    const values = fc.oneof(fc.string(), fc.boolean(), fc.integer());
    const provenances = fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      values,
      { noNullPrototype: true },
    );
    const property = fc.property(seeds, fc.string(), provenances, (seed, name, provenance) => {
      const model: Model = { ...randomModel(seed, { maxMacs: 3_000 }), name, provenance };
      const decoded = decodeModel(encodeModel(model));
      expect(decoded).toEqual(model);
      expect(encodeModel(decoded)).toEqual(encodeModel(model));
      expect(modelId(decoded)).toBe(modelId(model));
    });
    fc.assert(property, { numRuns: 40 });
  });

  test('a change of any byte is refused', () => {
    for (let offset = 0; offset < bytes.length; offset++) {
      const damaged = Uint8Array.from(bytes);
      damaged[offset] ^= 1 << (offset % 8);
      expect(() => decodeModel(damaged, 'x.sparrow')).toThrow(/^x\.sparrow: (not a Sparrow|truncated|damaged)[^\n]*$/);
    }
  });

  test('any truncation, and anything appended, is refused', () => {
    expect(() => decodeModel(new Uint8Array())).toThrow('model file: the file is empty');
    for (let length = 1; length < bytes.length; length++) {
      expect(() => decodeModel(bytes.subarray(0, length))).toThrow('model file: truncated');
    }
    expect(() => decodeModel(Buffer.concat([bytes, Buffer.of(0)]))).toThrow('damaged');
  });

  test('other files and newer versions are told apart from damage', () => {
    expect(() => decodeModel(Buffer.from('{"name": "tiny"}'), 'a.json')).toThrow('a.json: not a Sparrow model file');
    const newer = forged((file) => (file.writeUInt32LE(2, 8), file));
    expect(() => decodeModel(newer)).toThrow('has format version 2, this Sparrow reads up to 1; update Sparrow');
  });

  test('what has a right checksum but makes no sense is refused', () => {
    const withHeader = (edit: (text: string) => string) =>
      forged((file) => {
        const end = 20 + file.readUInt32LE(16);
        const header = Buffer.from(edit(file.toString('utf8', 20, end)));
        const result = Buffer.concat([file.subarray(0, 20), header, file.subarray(end)]);
        result.writeUInt32LE(header.length, 16);
        return result;
      });
    expect(decodeModel(withHeader((text) => text))).toEqual(small);
    const refused = (edit: (text: string) => string) => expect(() => decodeModel(withHeader(edit)));
    refused((text) => text.slice(1)).toThrow('its header is not JSON');
    refused((text) => text.replace('"units"', '"unit"')).toThrow(/its header is not valid: architecture\.layers\.\d+/);
    refused((text) => text.replace(/"units":\d+/, '"units":1000000000')).toThrow(
      /needs \d+ bytes of parameters, has \d+/,
    );
    refused((text) => text.replace('"parameters":[', '"parameters":[{"kind":"none"},')).toThrow('but parameters for');
    const tooLong = forged((file) => (file.writeUInt32LE(file.length, 16), file));
    expect(() => decodeModel(tooLong)).toThrow('its header is longer than the file');
  });

  test('no model that is not valid gets into a file', () => {
    expect(() => encodeModel({ ...small, parameters: [] })).toThrow('but parameters for 0');
    expect(() => encodeModel({ ...small, provenance: { accuracy: NaN } })).toThrow('provenance.accuracy');
  });
});

describe('model id', () => {
  test('does not depend on names, provenance and the order of keys', () => {
    const layers = small.architecture.layers.map((layer, index) => {
      const reversed = Object.fromEntries(Object.entries(layer).reverse()) as unknown as typeof layer;
      return { ...reversed, name: `other${index}` };
    });
    const renamed = { ...small, name: 'other', provenance: {}, architecture: { ...small.architecture, layers } };
    expect(modelId(renamed)).toBe(modelId(small));
  });

  test('depends on everything else', () => {
    const ids = new Set(Array.from({ length: 100 }, (_, seed) => modelId(randomModel(seed, { maxMacs: 3_000 }))));
    expect(ids.size).toBe(100);
    const changed = structuredClone(small);
    const last = changed.parameters[changed.parameters.length - 1];
    if (last.kind !== 'weighted') throw new Error('the last layer is a dense');
    last.bias[0] ^= 1;
    expect(modelId(changed)).not.toBe(modelId(small));
  });
});

describe('on disk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sparrow-model-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('a model is written whole and read back, by file or by folder', () => {
    const path = join(folder, 'model.sparrow');
    writeModel(path, randomModel(1));
    writeModel(path, small);
    expect(readModel(path)).toEqual(small);
    expect(readModel(folder)).toEqual(small);
    expect(readdirSync(folder)).toEqual(['model.sparrow']);
  });

  test('errors name the file', () => {
    const missing = join(folder, 'missing.sparrow');
    const foreign = join(folder, 'foreign.sparrow');
    writeFileSync(foreign, 'hello');
    expect(() => readModel(missing)).toThrow(`${missing}: there is no such model file`);
    expect(() => readModel(foreign)).toThrow(`${foreign}: not a Sparrow model file`);
    expect(() => writeModel(join(folder, 'no', 'such.sparrow'), small)).toThrow('cannot be written');
  });
});
