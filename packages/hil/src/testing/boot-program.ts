import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { ATMEGA328P } from '../atmega328p.ts';
import { findToolchain } from '../toolchain.ts';

export interface Program {
  /** The whole flash. */
  readonly flash: Uint8Array;
  /** Intel HEX. */
  readonly hex: string;
}

/**
 * Compiles a C program without start-up code, at `address`; functions in section `.application` lie at 0x400. `main` has to clear
 * r1 itself.
 */
export async function compileAt(address: number, source: string): Promise<Program> {
  const { gcc, objcopy } = findToolchain();
  const folder = await mkdtemp(join(tmpdir(), 'sparrow-boot-'));
  try {
    const [c, elf, image, hex] = ['boot.c', 'boot.elf', 'boot.bin', 'boot.hex'].map((name) => join(folder, name));
    await writeFile(c, source);
    const sections = [`-Wl,--section-start=.text=0x${address.toString(16)}`, '-Wl,--section-start=.application=0x400'];
    await execa(gcc, ['-mmcu=atmega328p', '-Os', '-DF_CPU=16000000UL', ...sections, '-nostartfiles', c, '-o', elf]);
    const size = `0x${ATMEGA328P.flashBytes.toString(16)}`;
    await execa(objcopy, ['-O', 'binary', '--gap-fill', '0xff', '--pad-to', size, elf, image]);
    await execa(objcopy, ['-O', 'ihex', elf, hex]);
    const bytes = await readFile(image);
    const flash = new Uint8Array(ATMEGA328P.flashBytes).fill(0xff);
    flash.set(bytes, ATMEGA328P.flashBytes - bytes.length);
    return { flash, hex: await readFile(hex, 'utf8') };
  } finally {
    await rm(folder, { recursive: true });
  }
}
