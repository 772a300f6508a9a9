/** What the chip has; datasheet sections 8.2 and 8.3, and the Uno's fuses (Optiboot takes the last 512 bytes of flash). */
export const ATMEGA328P = {
  name: 'ATmega328P',
  clockHz: 16_000_000,
  flashBytes: 32_768,
  bootloaderBytes: 512,
  ramBytes: 2_048,
  ramStart: 0x100,
  ramEnd: 0x8ff,
} as const;

/** How long the Uno takes for so many cycles. */
export function millisecondsOf(cycles: number): number {
  return (cycles / ATMEGA328P.clockHz) * 1000;
}

/** Flash that a program may take beside the bootloader: 32,256 B. */
export const USABLE_FLASH_BYTES = ATMEGA328P.flashBytes - ATMEGA328P.bootloaderBytes;
