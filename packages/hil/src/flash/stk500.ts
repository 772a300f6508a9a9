import { setTimeout as sleep } from 'node:timers/promises';
import type { SerialLine } from '../ports/serial-line.ts';

/**
 * STK500 version 1 as Optiboot speaks it (Atmel's application note AVR061; optiboot.c, `main`): a command ends in 0x20, its
 * answer is 0x14, data, 0x10. No checksums: what was written has to be read back.
 */
const COMMAND = {
  getSync: 0x30,
  enterProgramming: 0x50,
  leaveProgramming: 0x51,
  loadAddress: 0x55,
  programPage: 0x64,
  readPage: 0x74,
  readSignature: 0x75,
} as const;
const END_OF_COMMAND = 0x20;
const IN_SYNC = 0x14;
const OK = 0x10;
const FLASH = 0x46; // 'F'

/** An answer takes the line's time for a page (12 ms) and a page's erasure and writing (9 ms); USB adapters add up to 16. */
const ANSWER_MILLISECONDS = 500;
/**
 * Optiboot blinks for 0.4 s before it listens, and a half-lost command makes it leave: at most one may wait in the chip's receiver
 * of two bytes.
 */
const SYNC_MILLISECONDS = 500;
const SYNC_ATTEMPTS = 3;
/** The line has to be quiet for so long before the first command, lest late answers to GET_SYNC be taken for its own. */
const QUIET_MILLISECONDS = 30;

/** The bootloader did not answer, or not so as Optiboot does. */
export class BootloaderError extends Error {
  override readonly name = 'BootloaderError';
}

/** A bootloader at the other end of a line. Whatever goes wrong: reset the board, and begin with `synchronize`. */
export class Stk500 {
  private readonly line: SerialLine;
  private received: number[] = [];
  private heard = (): void => {};

  constructor(line: SerialLine) {
    this.line = line;
    line.onData = (bytes) => {
      this.received.push(...bytes);
      this.heard();
    };
    line.onLost = () => this.heard();
  }

  /** Asks until the bootloader answers. @returns false if it does not: it is not running */
  async synchronize(): Promise<boolean> {
    const isInSync = (): boolean => this.received.at(-2) === IN_SYNC && this.received.at(-1) === OK;
    for (let attempt = 0; attempt < SYNC_ATTEMPTS; attempt++) {
      this.received = [];
      this.line.write(Uint8Array.of(COMMAND.getSync, END_OF_COMMAND));
      await this.waitFor(isInSync, SYNC_MILLISECONDS);
      if (isInSync()) {
        await this.waitForQuiet();
        return true;
      }
    }
    return false;
  }

  async readSignature(): Promise<Uint8Array> {
    return this.ask([COMMAND.readSignature], 3);
  }

  async enterProgramming(): Promise<void> {
    await this.ask([COMMAND.enterProgramming], 0);
  }

  /** Optiboot starts the program 16 ms later. */
  async leaveProgramming(): Promise<void> {
    await this.ask([COMMAND.leaveProgramming], 0);
  }

  /** `address`: of the page's first byte. Optiboot erases the page before. */
  async programPage(address: number, page: Uint8Array): Promise<void> {
    await this.loadAddress(address);
    await this.ask([COMMAND.programPage, page.length >> 8, page.length & 0xff, FLASH, ...page], 0);
  }

  async readPage(address: number, bytes: number): Promise<Uint8Array> {
    await this.loadAddress(address);
    return this.ask([COMMAND.readPage, bytes >> 8, bytes & 0xff, FLASH], bytes);
  }

  /** In words, low byte first. */
  private async loadAddress(address: number): Promise<void> {
    const word = address >> 1;
    await this.ask([COMMAND.loadAddress, word & 0xff, word >> 8], 0);
  }

  /** @returns the answer's data, of so many bytes */
  private async ask(command: readonly number[], dataBytes: number): Promise<Uint8Array> {
    this.received = [];
    this.line.write(Uint8Array.from([...command, END_OF_COMMAND]));
    const answerBytes = dataBytes + 2;
    await this.waitFor(() => this.received.length >= answerBytes, ANSWER_MILLISECONDS);
    const answer = this.received;
    if (answer.length !== answerBytes || answer[0] !== IN_SYNC || answer[answerBytes - 1] !== OK) {
      throw new BootloaderError(`no answer to command ${command[0].toString(16)}`);
    }
    return Uint8Array.from(answer.slice(1, -1));
  }

  private async waitForQuiet(): Promise<void> {
    for (let before = -1; before !== this.received.length;) {
      before = this.received.length;
      await sleep(QUIET_MILLISECONDS);
    }
  }

  /** Until `done()` or the time is over. @throws Error if the port goes */
  private async waitFor(done: () => boolean, milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.heard = () => {
        if (!done() && !this.line.lost) return;
        clearTimeout(timer);
        resolve();
      };
      this.heard();
    });
    this.heard = () => {};
    if (this.line.lost) throw this.line.lost;
  }
}
