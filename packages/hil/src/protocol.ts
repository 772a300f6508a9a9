import crc16 from 'crc/calculators/crc16kermit';
import type { DeviceIdentity } from './device.ts';

/** The serial protocol of the HIL firmware, docs/protocol.md. The same numbers are in firmware/hil/main.c. */
export const PROTOCOL_VERSION = 1;
export const FRAME_START = 0xa5;

/** CRC-16/MCRF4XX, what avr-libc's `_crc_ccitt_update` computes. */
const CRC_INITIAL = 0xffff;

const COMMANDS = { identify: 0x49, begin: 0x42, row: 0x52, stack: 0x53, supply: 0x56 } as const;
export type Command = keyof typeof COMMANDS;

export type Reply =
  | { readonly type: 'identity'; readonly protocolVersion: number; readonly identity: DeviceIdentity }
  /** The row to send next. */
  | { readonly type: 'rowWanted'; readonly row: number }
  /** A frame was damaged; `row` is still the one to send next, `inputRows` if no image is under way. */
  | { readonly type: 'rejected'; readonly row: number }
  | { readonly type: 'result'; readonly cycles: number; readonly logits: Int32Array }
  | { readonly type: 'stackPeak'; readonly bytes: number }
  /** The bandgap reference in 1,024ths of the supply. */
  | { readonly type: 'bandgap'; readonly value: number };

/** start, command, payload, CRC (low byte first) over command and payload. Only `row` has a payload. */
export function encodeCommand(command: Command, payload: Uint8Array = new Uint8Array(0)): Uint8Array {
  const frame = new Uint8Array(payload.length + 4);
  frame[0] = FRAME_START;
  frame[1] = COMMANDS[command];
  frame.set(payload, 2);
  const crc = crc16(frame.subarray(1, -2), CRC_INITIAL);
  frame[frame.length - 2] = crc & 0xff;
  frame[frame.length - 1] = crc >> 8;
  return frame;
}

/** A command that asks for nothing, by its CRC: the chip answers with the row that it waits for, and does nothing. */
export function refusedCommand(): Uint8Array {
  const frame = encodeCommand('stack');
  frame[frame.length - 1] ^= 0xff;
  return frame;
}

/** Cycles that the chip lets pass between `supply` and its answer, over what an answer takes anyway. */
export const SUPPLY_CYCLES = 4_000_002;

/** Ends whatever command a chip may still be in the middle of; a chip that waits for a command skips it. */
export function fillerBytes(inputRowBytes: number): Uint8Array {
  return new Uint8Array(inputRowBytes + 4);
}

/** Bytes of a reply around its payload: start, type, length, CRC. */
const REPLY_OVERHEAD = 5;

/**
 * Finds replies in a stream of bytes. What is damaged is dropped, and the search for the next start goes on right behind
 * the start of what was dropped, so that a false start hides no reply.
 */
export class ReplyDecoder {
  private readonly frame = new Uint8Array(REPLY_OVERHEAD + 255);
  private length = 0;

  /** The reply that this byte completes, if it does. */
  push(byte: number): Reply | undefined {
    this.frame[this.length++] = byte;
    return this.scan();
  }

  /** Forgets a reply that has begun. */
  reset(): void {
    this.length = 0;
  }

  private scan(): Reply | undefined {
    while (this.length > 0) {
      if (this.frame[0] === FRAME_START) {
        if (this.length < 3 || this.length < this.frame[2] + REPLY_OVERHEAD) return undefined;
        const reply = decodeReply(this.frame.subarray(0, this.frame[2] + REPLY_OVERHEAD));
        if (reply !== undefined) {
          this.drop(this.frame[2] + REPLY_OVERHEAD);
          return reply;
        }
      }
      this.drop(1);
    }
    return undefined;
  }

  private drop(count: number): void {
    this.frame.copyWithin(0, count, this.length);
    this.length -= count;
  }
}

/** A whole frame: start, type, length, payload, CRC over type to payload. Undefined if it is damaged or of no known kind. */
export function decodeReply(frame: Uint8Array): Reply | undefined {
  if (crc16(frame.subarray(1), CRC_INITIAL) !== 0) return undefined;
  const payload = frame.slice(3, -2);
  const view = new DataView(payload.buffer);
  switch (String.fromCharCode(frame[1])) {
    case 'I':
      return payload.length === 15 ? decodeIdentity(view) : undefined;
    case 'W':
      return payload.length === 1 ? { type: 'rowWanted', row: payload[0] } : undefined;
    case 'N':
      return payload.length === 1 ? { type: 'rejected', row: payload[0] } : undefined;
    case 'L':
      return payload.length >= 4 && payload.length % 4 === 0
        ? { type: 'result', cycles: view.getUint32(0, true), logits: new Int32Array(payload.buffer, 4) }
        : undefined;
    case 'S':
      return payload.length === 2 ? { type: 'stackPeak', bytes: view.getUint16(0, true) } : undefined;
    case 'V':
      return payload.length === 2 ? { type: 'bandgap', value: view.getUint16(0, true) } : undefined;
    default:
      return undefined;
  }
}

function decodeIdentity(view: DataView): Reply {
  return {
    type: 'identity',
    protocolVersion: view.getUint8(0),
    identity: {
      modelId: view.getUint32(1, true),
      firmwareId: view.getUint32(5, true),
      inputRows: view.getUint16(9, true),
      inputRowBytes: view.getUint16(11, true),
      classes: view.getUint16(13, true),
    },
  };
}
