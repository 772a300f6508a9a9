/** The ATmega328P's data space and the registers that the CPU itself uses (datasheet DS40002061, sections 8.3 and 36). */
export const SRAM_START = 0x100;
export const SRAM_BYTES = 2048;
export const DATA_SPACE_BYTES = SRAM_START + SRAM_BYTES;
export const IO_START = 0x20;
export const SPL = 0x5d;
export const SPH = 0x5e;
export const SREG = 0x5f;
export const FLASH_BYTES = 32_768;
export const FLASH_WORDS = FLASH_BYTES / 2;
export const CLOCK_HZ = 16_000_000;

/** SREG's bit 7, I: interrupts enabled. */
export const INTERRUPTS_ENABLED = 0x80;
