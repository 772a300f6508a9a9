import { USABLE_FLASH_BYTES } from '../atmega328p.ts';
import { bytes } from '../fit.ts';
import { parseIntelHex } from '../intel-hex.ts';

/** Flash is erased and written by pages (datasheet, table 27-9). */
export const PAGE_BYTES = 128;
const LARGEST_HEX_BYTES = 0x1_0000;

export interface Page {
  readonly address: number;
  readonly content: Uint8Array;
}

/**
 * The pages that a program takes, from address 0 on.
 *
 * @throws Error in one line, if it would not leave the bootloader its place, or is no Intel HEX
 */
export function pagesOf(hex: string): readonly Page[] {
  const image = parseIntelHex(hex, LARGEST_HEX_BYTES);
  if (image.end > USABLE_FLASH_BYTES) {
    throw new Error(
      `the program reaches up to ${bytes(image.end)} of flash, the bootloader leaves ${bytes(USABLE_FLASH_BYTES)} (${bytes(image.end - USABLE_FLASH_BYTES)} over): flash a smaller one`,
    );
  }
  if (image.end === 0) throw new Error('the HEX file has no program in it');
  return Array.from({ length: Math.ceil(image.end / PAGE_BYTES) }, (_, index) => {
    const address = index * PAGE_BYTES;
    return { address, content: image.bytes.slice(address, address + PAGE_BYTES) };
  });
}
