import fc from 'fast-check';
import { decodeByteFloat, encodeByteFloat, isByteFloat, LARGEST_BYTE_FLOAT, toByteFloat } from './byte-float.ts';

const multipliers = fc.integer({ min: 1, max: LARGEST_BYTE_FLOAT });

describe('floats of a byte', () => {
  test('are one for each byte from 1 up to the largest, in order', () => {
    const bytes = Array.from({ length: 12 * 16 + 15 }, (_, index) => index + 1);
    const values = bytes.map(decodeByteFloat);
    expect(values.map(encodeByteFloat)).toEqual(bytes);
    expect(values).toEqual([...values].sort((a, b) => a - b));
    expect(values[0]).toBe(1);
    expect(values[values.length - 1]).toBe(LARGEST_BYTE_FLOAT);
  });

  test('are within 1/32 of any multiplier, and rounded up not below it', () => {
    fc.assert(
      fc.property(multipliers, (value) => {
        expect(Math.abs(toByteFloat(value) - value)).toBeLessThanOrEqual(value / 32);
        expect(toByteFloat(value, Math.ceil)).toBeGreaterThanOrEqual(value);
        expect([toByteFloat(value), toByteFloat(value, Math.ceil)].every(isByteFloat)).toBe(true);
      }),
    );
  });

  test('refuse to be made of another number', () => {
    expect(() => encodeByteFloat(33)).toThrow('33 is no float of a byte');
    expect(isByteFloat(0)).toBe(false);
  });
});
