import { DATA_SPACE_BYTES, FLASH_BYTES } from '../memory-map.ts';

/**
 * WebAssembly memory of one chip. The data space starts at 0, so that an AVR address is a WebAssembly address; LPM reads beyond the flash
 * find zeros, as in avr8js.
 */
export const STATE = 0x1000;
/** Cycles that translated code may still take before a clock event (32 bits). */
export const BUDGET = STATE;
export const LOWEST_STACK_POINTER = STATE + 4;
/** Not 0 if an interrupt waits for being enabled. */
export const INTERRUPT_PENDING = STATE + 8;
export const FLASH = 0x10000;
/** One 32-bit word per flash word: 0, or a function's index in the table | the block in it << 16. */
export const ENTRIES = 0x20000;
export const MEMORY_PAGES = 3;

if (DATA_SPACE_BYTES > STATE || FLASH + 2 * FLASH_BYTES > ENTRIES)
  throw new Error('the parts of the memory layout overlap');

/** Set in what translated code returns: the interpreter has to execute the instruction at that address. */
export const LEAVE = 0x10000;
