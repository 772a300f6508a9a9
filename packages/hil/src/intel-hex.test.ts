import fc from 'fast-check';
import { parseIntelHex } from './intel-hex.ts';

function record(address: number, type: number, data: Uint8Array): string {
  const bytes = [data.length, address >> 8, address & 0xff, type, ...data];
  const checksum = -bytes.reduce((sum, byte) => sum + byte, 0) & 0xff;
  return `:${Buffer.from([...bytes, checksum])
    .toString('hex')
    .toUpperCase()}`;
}

const END = ':00000001FF';
const programs = fc.array(fc.uint8Array({ minLength: 1, maxLength: 32 }), { maxLength: 20 });

function encode(program: readonly Uint8Array[]): string {
  return [...program.map((data, index) => record(64 * index, 0, data)), END, ''].join('\r\n');
}

test('gives back what was written, and erased flash elsewhere', () => {
  fc.assert(
    fc.property(programs, (program) => {
      const { bytes, usedBytes, end } = parseIntelHex(encode(program), 2048);
      const expected = new Uint8Array(2048).fill(0xff);
      program.forEach((data, index) => expected.set(data, 64 * index));
      expect(bytes).toEqual(expected);
      expect(usedBytes).toBe(program.reduce((sum, data) => sum + data.length, 0));
      expect(end).toBe(program.length === 0 ? 0 : 64 * (program.length - 1) + program[program.length - 1].length);
    }),
  );
});

test('any changed digit is noticed', () => {
  const text = record(0x20, 0, Uint8Array.of(1, 2, 3, 4));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: text.length - 1 }), fc.constantFrom(...'0123456789ABCDEF'), (at, digit) => {
      fc.pre(text[at] !== digit);
      const changed = text.slice(0, at) + digit + text.slice(at + 1);
      expect(() => parseIntelHex(`${changed}\n${END}\n`, 2048)).toThrow(/line 1: /);
    }),
  );
});

test('says where a file is truncated, too long or foreign', () => {
  expect(() => parseIntelHex(record(0, 0, Uint8Array.of(1)), 2048)).toThrow(/truncated/);
  expect(() => parseIntelHex(`${record(2047, 0, Uint8Array.of(1, 2))}\n${END}`, 2048)).toThrow(/line 1: .*2048/);
  expect(() => parseIntelHex(`${record(0, 2, Uint8Array.of(0x10, 0))}\n${END}`, 2048)).toThrow(/64 KB/);
  expect(() => parseIntelHex('\x7fELF', 2048)).toThrow(/line 1/);
});
