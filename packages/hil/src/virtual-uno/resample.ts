import type { Character } from '../emulator/uart.ts';

const DATA_BITS = 8;

/**
 * What a receiver at `receiverBaud` makes of a byte, 8N1, that is sent at `senderBaud` on an otherwise idle line: it waits for a falling
 * edge and samples the middle of each of its own bits. Up to 5 % of difference go unnoticed; more gives other bytes, frame errors, several
 * characters or none.
 */
export function charactersHeard(byte: number, senderBaud: number, receiverBaud: number): Character[] {
  // Bit 0 is the start bit; what follows the stop bit is high, too.
  const frame = (byte << 1) | (1 << (DATA_BITS + 1));
  const level = (bit: number): number => (bit > DATA_BITS ? 1 : (frame >> bit) & 1);
  const sentBitsPerBit = senderBaud / receiverBaud;
  const characters: Character[] = [];
  for (let edge = nextFall(level, 0); edge !== undefined;) {
    const start = edge;
    const sample = (bit: number): number => level(Math.floor(start + (bit + 0.5) * sentBitsPerBit));
    if (sample(0) === 0) {
      let received = 0;
      for (let bit = 0; bit < DATA_BITS; bit++) received |= sample(bit + 1) << bit;
      const stop = DATA_BITS + 1;
      characters.push({ byte: received, frameError: sample(stop) === 0 });
      edge = nextFall(level, Math.floor(start + (stop + 0.5) * sentBitsPerBit) + 1);
    } else {
      edge = nextFall(level, start + 1);
    }
  }
  return characters;
}

/** The first bit from `from` on that is low after a high one; the line is high before the frame. */
function nextFall(level: (bit: number) => number, from: number): number | undefined {
  for (let bit = from; bit <= DATA_BITS; bit++) {
    if (level(bit) === 0 && (bit === 0 || level(bit - 1) === 1)) return bit;
  }
  return undefined;
}
