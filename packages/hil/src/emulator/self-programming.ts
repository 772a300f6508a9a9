import type { Atmega328p } from './cpu.ts';
import { CLOCK_HZ, FLASH_BYTES } from './memory-map.ts';

/** Datasheet DS40002061, chapter 27: registers and bits. */
export const SPMCSR = 0x57;
const READ_WHILE_WRITE_BUSY = 0x40;
const COMMAND = 0x3f;
const ENABLE = 0x01;
const ERASE_PAGE = 0x03;
const WRITE_PAGE = 0x05;
const ENABLE_READ_WHILE_WRITE = 0x11;

const PAGE_BYTES = 128;
const PAGE_WORDS = PAGE_BYTES / 2;
const ERASED = 0xffff;
const Z = 30;

/** Below, the CPU goes on while a page is erased or written, but cannot read there; from here on it stands still. */
const NO_READ_WHILE_WRITE_START = 0x7000;
/** The Uno's fuses: a boot section of 256 words, locked against being written by itself. */
export const BOOT_START = 0x7e00;

/** SPM has to follow the write to SPMCSR within so many cycles. */
const ARMED_CYCLES = 4;
/** An erase or write of a page takes 3.7 to 4.5 ms (datasheet, table 27-5); a host that waits long enough for 4.5 does for any chip. */
const PAGE_CYCLES = (4.5 * CLOCK_HZ) / 1000;

export interface SelfProgramming {
  /** True while a page is being erased or written. */
  readonly isBusy: boolean;
}

/**
 * The SPM instruction: a bootloader fills the page buffer and erases and writes pages. `flash` is what the chip holds; what the CPU sees
 * of it, `cpu.progMem`, is erased flash where a page operation under way or RWWSB keep it from reading. `onChange`: that has changed.
 * Left out: lock bits, reading fuses and the signature row by LPM, and the SPM interrupt.
 */
export function attachSelfProgramming(cpu: Atmega328p, flash: Uint8Array, onChange: () => void): SelfProgramming {
  const words = new Uint16Array(flash.buffer, flash.byteOffset, FLASH_BYTES / 2);
  const buffer: (number | undefined)[] = [];
  let armedUntil = -1;
  let busy = false;

  const setCommand = (command: number): void => {
    cpu.data[SPMCSR] = (cpu.data[SPMCSR] & ~COMMAND) | command;
  };
  const hideReadWhileWriteSection = (): void => {
    if (cpu.data[SPMCSR] & READ_WHILE_WRITE_BUSY) return;
    cpu.data[SPMCSR] |= READ_WHILE_WRITE_BUSY;
    cpu.progMem.fill(ERASED, 0, NO_READ_WHILE_WRITE_START / 2);
    onChange();
  };
  const showFlash = (): void => {
    cpu.data[SPMCSR] &= ~READ_WHILE_WRITE_BUSY;
    cpu.progMem.set(words);
    onChange();
  };
  const operateOnPage = (address: number, wordAfter: (word: number, index: number) => number): void => {
    const page = words.subarray(address / 2, address / 2 + PAGE_WORDS);
    page.set(page.map(wordAfter));
    if (address >= NO_READ_WHILE_WRITE_START) {
      cpu.cycles += PAGE_CYCLES;
      setCommand(0);
      showFlash();
      return;
    }
    hideReadWhileWriteSection();
    busy = true;
    cpu.addClockEvent(() => {
      busy = false;
      setCommand(0);
    }, PAGE_CYCLES);
  };

  cpu.writeHooks[SPMCSR] = (value) => {
    if (busy) return true;
    setCommand(value & COMMAND);
    if (value & ENABLE) {
      armedUntil = cpu.cycles + ARMED_CYCLES;
      cpu.addClockEvent(() => {
        if (!busy && cpu.cycles >= armedUntil) setCommand(0);
      }, ARMED_CYCLES + 1);
    }
    return true;
  };

  cpu.storeProgramMemory = () => {
    if (busy || cpu.cycles > armedUntil || 2 * cpu.pc < BOOT_START) return;
    const command = cpu.data[SPMCSR] & COMMAND;
    const pointer = cpu.data[Z] | (cpu.data[Z + 1] << 8);
    const page = pointer & (FLASH_BYTES - PAGE_BYTES);
    const isLocked = page >= BOOT_START;
    armedUntil = -1;
    if (command === ENABLE) buffer[(pointer % PAGE_BYTES) >> 1] ??= cpu.data[0] | (cpu.data[1] << 8);
    if (command === ENABLE_READ_WHILE_WRITE) showFlash();
    if (command === ERASE_PAGE && !isLocked) return operateOnPage(page, () => ERASED);
    if (command === WRITE_PAGE && !isLocked) operateOnPage(page, (word, index) => word & (buffer[index] ?? ERASED));
    if (command === WRITE_PAGE || command === ENABLE_READ_WHILE_WRITE) buffer.length = 0;
    if (!busy) setCommand(0);
  };
  return {
    get isBusy() {
      return busy;
    },
  };
}
