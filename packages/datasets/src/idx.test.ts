import fc from 'fast-check';
import { parseIdx } from './idx.ts';

function encodeIdx(dimensions: readonly number[], elements: Uint8Array): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * dimensions.length));
  header.setUint32(0, 0x0800 | dimensions.length);
  dimensions.forEach((size, axis) => header.setUint32(4 + 4 * axis, size));
  return Uint8Array.from([...new Uint8Array(header.buffer), ...elements]);
}

const idxFile = fc
  .array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 4 })
  .chain((dimensions) =>
    fc
      .uint8Array({ minLength: product(dimensions), maxLength: product(dimensions) })
      .map((elements) => ({ dimensions, elements, bytes: encodeIdx(dimensions, elements) })),
  );

function product(values: readonly number[]): number {
  return values.reduce((a, b) => a * b, 1);
}

test('parsing gives back what was encoded, without a copy', () => {
  fc.assert(
    fc.property(idxFile, ({ dimensions, elements, bytes }) => {
      const parsed = parseIdx(bytes, dimensions.length, 'some-file');
      expect(parsed.dimensions).toEqual(dimensions);
      expect([...parsed.elements]).toEqual([...elements]);
      expect(parsed.elements.buffer).toBe(bytes.buffer);
    }),
  );
});

test('every truncation is refused, and so is anything after the end', () => {
  fc.assert(
    fc.property(idxFile, fc.nat(), ({ dimensions, bytes }, cut) => {
      const truncated = bytes.subarray(0, cut % bytes.length);
      expect(() => parseIdx(truncated, dimensions.length, 'some-file')).toThrow(/^some-file: truncated/);
      const longer = Uint8Array.from([...bytes, 0]);
      expect(() => parseIdx(longer, dimensions.length, 'some-file')).toThrow(/^some-file: too long/);
    }),
  );
});

test('a foreign file is refused by its first bytes', () => {
  const gzip = Uint8Array.from([0x1f, 0x8b, 0x08, 0x00, ...new Array<number>(60).fill(0)]);
  expect(() => parseIdx(gzip, 3, 'train-images')).toThrow(
    'train-images: not an IDX file of unsigned bytes in 3 dimension(s): starts with 0x1f8b0800, not 0x00000803',
  );
});

test('labels are not taken for images', () => {
  const labels = encodeIdx([20], new Uint8Array(20));
  expect(() => parseIdx(labels, 3, 'labels')).toThrow(/starts with 0x00000801, not 0x00000803/);
});
