import crc16 from 'crc/calculators/crc16kermit';
import fc from 'fast-check';
import { decodeReply, encodeCommand, FRAME_START, ReplyDecoder, type Reply } from './protocol.ts';

/** What the firmware does, written a second time. */
function encodeReply(type: string, payload: readonly number[]): Uint8Array {
  const frame = new Uint8Array([FRAME_START, type.charCodeAt(0), payload.length, ...payload, 0, 0]);
  new DataView(frame.buffer).setUint16(frame.length - 2, crc16(frame.subarray(1, -2), 0xffff), true);
  return frame;
}

const byte = fc.integer({ min: 0, max: 255 });
const frames = fc.oneof(
  byte.map((row) => encodeReply('W', [row])),
  byte.map((row) => encodeReply('N', [row])),
  fc.array(byte, { minLength: 2, maxLength: 2 }).map((payload) => encodeReply('S', payload)),
  fc.array(byte, { minLength: 2, maxLength: 2 }).map((payload) => encodeReply('V', payload)),
  fc.array(byte, { minLength: 15, maxLength: 15 }).map((payload) => encodeReply('I', payload)),
  fc
    .integer({ min: 1, max: 62 })
    .chain((count) => fc.array(byte, { minLength: 4 + 4 * count, maxLength: 4 + 4 * count }))
    .map((payload) => encodeReply('L', payload)),
);
const silentNoise = fc.array(
  byte.filter((value) => value !== FRAME_START),
  { maxLength: 20 },
);

function decodeAll(bytes: Iterable<number>): Reply[] {
  const decoder = new ReplyDecoder();
  return [...bytes].flatMap((value) => decoder.push(value) ?? []);
}

test('a command ends in a CRC that makes the CRC of the whole 0', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (row) => {
      const frame = encodeCommand('row', row);
      expect(frame.length).toBe(row.length + 4);
      expect(crc16(frame.subarray(1), 0xffff)).toBe(0);
    }),
  );
});

test('the CRC is CRC-16/MCRF4XX, by its published check value', () => {
  expect(crc16(Buffer.from('123456789'), 0xffff)).toBe(0x6f91);
});

test('every reply in a stream is found, whatever lies between', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(silentNoise, frames)), (parts) => {
      const stream = parts.flatMap(([noise, frame]) => [...noise, ...frame]);
      expect(decodeAll(stream)).toEqual(parts.map(([, frame]) => decodeReply(frame)));
    }),
  );
});

test('a reply behind a false start is found once that is refuted', () => {
  const reply = encodeReply('W', [3]);
  expect(decodeAll([FRAME_START, 0x57, 2, ...reply, ...reply])).toEqual([decodeReply(reply), decodeReply(reply)]);
});

test('a reply with up to three damaged bits, or any damaged byte, is dropped', () => {
  fc.assert(
    fc.property(frames, fc.infiniteStream(fc.nat()), fc.integer({ min: 1, max: 3 }), (frame, positions, flips) => {
      const damaged = frame.slice();
      const bits = new Set([...positions.take(flips)].map((position) => position % (8 * (frame.length - 1))));
      for (const bit of bits) damaged[1 + (bit >> 3)] ^= 1 << (bit & 7);
      expect(decodeReply(damaged)).toBeUndefined();
    }),
  );
});

test('numbers are little-endian', () => {
  expect(decodeReply(encodeReply('L', [1, 2, 3, 4, 0xfe, 0xff, 0xff, 0xff]))).toEqual({
    type: 'result',
    cycles: 0x04030201,
    logits: Int32Array.of(-2),
  });
});
