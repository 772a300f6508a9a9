import type { SerialLine } from '../ports/serial-line.ts';
import { type Page, pagesOf } from './program-image.ts';
import { ATMEGA328P_SIGNATURE, formatSignature, silentBootloader, wrongBoard } from './signature.ts';
import { BootloaderError, Stk500 } from './stk500.ts';

/** Optiboot's rate on an Uno, and that of the older bootloader of some Nanos. */
const BOOTLOADER_BAUD_RATES = [115_200, 115_200, 57_600];
/** Resets because something went wrong on the line; rounds of writing until all that was read back is right. */
const MOST_RESTARTS = 10;
const MOST_ROUNDS = 5;

/** `done` of `total` pages are written, or read back. */
export type FlashProgress = (done: number, total: number) => void;

/**
 * Writes a program through the Uno's bootloader, reads it back, and has it started. Without checksums on the line, only what
 * was read back counts: pages that differ are written again. Leaves the line at the bootloader's baud rate.
 *
 * @throws Error in one line: the program does not fit, bootloader silent, another chip, line too noisy
 */
export async function flashUno(line: SerialLine, hex: string, onProgress: FlashProgress = () => {}): Promise<void> {
  const pages = pagesOf(hex);
  const bootloader = new Restarting(line);
  await bootloader.start();
  let wrong = pages;
  let done = 0;
  const count = (): void => onProgress(Math.min(++done, 2 * pages.length), 2 * pages.length);
  for (let round = 0; wrong.length > 0; round++) {
    if (round === MOST_ROUNDS)
      throw new Error(`the board at ${line.path} does not keep what is written: ${MOST_ROUNDS} attempts`);
    for (const page of wrong) {
      await bootloader.run((stk500) => stk500.programPage(page.address, page.content));
      count();
    }
    // A damaged address may have hit any page.
    wrong = await differingPages(bootloader, pages, count);
  }
  await bootloader.leave();
}

async function differingPages(bootloader: Restarting, pages: readonly Page[], count: () => void): Promise<Page[]> {
  const differing: Page[] = [];
  for (const page of pages) {
    const written = await bootloader.run((stk500) => stk500.readPage(page.address, page.content.length));
    if (!page.content.every((byte, index) => byte === written[index])) differing.push(page);
    count();
  }
  return differing;
}

/** A bootloader that is started anew when a command fails. Every command may be repeated. */
class Restarting {
  private restarts = 0;
  private readonly line: SerialLine;
  private readonly stk500: Stk500;

  constructor(line: SerialLine) {
    this.line = line;
    this.stk500 = new Stk500(line);
  }

  async run<Result>(command: (stk500: Stk500) => Promise<Result>): Promise<Result> {
    for (;;) {
      try {
        return await command(this.stk500);
      } catch (error) {
        if (!(error instanceof BootloaderError)) throw error;
        if (++this.restarts > MOST_RESTARTS) {
          throw new Error(`flashing the board at ${this.line.path} failed: the serial line is too noisy`);
        }
        await this.start();
      }
    }
  }

  async start(): Promise<void> {
    for (const baudRate of BOOTLOADER_BAUD_RATES) {
      await this.line.setBaudRate(baudRate);
      await this.line.reset();
      if (!(await this.stk500.synchronize())) continue;
      try {
        await this.checkChip();
        return;
      } catch (error) {
        if (!(error instanceof BootloaderError)) throw error;
      }
    }
    throw silentBootloader(this.line.path);
  }

  /** The program starts, whether the answer to that comes or not. */
  async leave(): Promise<void> {
    await this.stk500.leaveProgramming().catch((error: unknown) => {
      if (!(error instanceof BootloaderError)) throw error;
    });
  }

  private async checkChip(): Promise<void> {
    const signature = formatSignature(await this.stk500.readSignature());
    if (signature !== ATMEGA328P_SIGNATURE) {
      // Damaged on the line, or another chip: it says the same twice.
      if (formatSignature(await this.stk500.readSignature()) === signature) throw wrongBoard(this.line.path, signature);
      throw new BootloaderError('two signatures');
    }
    await this.stk500.enterProgramming();
  }
}
