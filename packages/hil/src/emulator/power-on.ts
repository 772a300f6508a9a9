import { IO_START, SRAM_START } from './memory-map.ts';

/**
 * Fills registers and SRAM as a chip may hold them at power-on: with anything (datasheet, section 8.3), the same at each call. A firmware
 * that counts on zeros it did not write fails here, as it would on a board.
 */
export function fillAsPoweredOn(data: Uint8Array): void {
  let state = 0x9e3779b9;
  const fill = (from: number, to: number): void => {
    for (let address = from; address < to; address++) {
      // xorshift32
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      data[address] = state >>> 11;
    }
  };
  fill(0, IO_START);
  fill(SRAM_START, data.length);
}
