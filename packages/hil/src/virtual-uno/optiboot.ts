import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { ATMEGA328P } from '../atmega328p.ts';
import { findToolchain } from '../toolchain.ts';

/** Where Debian's arduino-core-avr has Optiboot's source. It is under the GPL, hence not part of this repository. */
const FOLDERS = [
  '/usr/share/arduino/hardware/arduino/avr/bootloaders/optiboot',
  '/usr/share/arduino/hardware/arduino/bootloaders/optiboot',
];

/** The Uno's variant, as target `atmega328` of Optiboot's Makefile has it. */
const DEFINITIONS = ['-DF_CPU=16000000L', '-DLED_START_FLASHES=3', '-DBAUD_RATE=115200'];
const SECTIONS = ['-Wl,--section-start=.text=0x7e00', '-Wl,--section-start=.version=0x7ffe'];
/**
 * With the Makefile's own optimisation, avr-gcc 5.4 needs 532 of the 512 bytes, and Debian's .hex, which it made, ends 20 bytes behind the
 * end of the flash. With these, it needs 482, and 2 for its version.
 */
const OPTIMIZATION = ['-Os', '-mrelax', '-fno-inline', '-fno-move-loop-invariants', '-fno-tree-scev-cprop'];

/** The folder of Optiboot's source; null if it is not installed. */
export function findOptiboot(folders: readonly string[] = FOLDERS): string | null {
  return folders.find((folder) => existsSync(join(folder, 'optiboot.c'))) ?? null;
}

/**
 * The Uno's bootloader, compiled: the last 512 bytes of the flash.
 *
 * @throws Error that says how to get it
 */
export async function buildOptiboot(source: string | null = findOptiboot()): Promise<Uint8Array> {
  if (source === null) {
    throw new Error(
      `the Uno's bootloader is missing (${FOLDERS[0]}/optiboot.c): install it (Debian: \`apt install arduino-core-avr\`)`,
    );
  }
  const { gcc, objcopy } = findToolchain();
  const folder = await mkdtemp(join(tmpdir(), 'sparrow-optiboot-'));
  try {
    const link = [...SECTIONS, '-Wl,--relax', '-nostartfiles', '-nostdlib'];
    const elf = join(folder, 'optiboot.elf');
    const image = join(folder, 'optiboot.bin');
    // Without warnings: a naked main is one.
    await execa(gcc, ['-mmcu=atmega328p', '-w', ...OPTIMIZATION, ...DEFINITIONS, ...link, 'optiboot.c', '-o', elf], {
      cwd: source,
    });
    const load = ['--set-section-flags', '.version=alloc,load,contents', '--gap-fill', '0xff'];
    await execa(objcopy, ['-O', 'binary', '-j', '.text', '-j', '.version', ...load, elf, image]);
    return checkSize(await readFile(image));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function checkSize(bootloader: Uint8Array): Uint8Array {
  const { bootloaderBytes } = ATMEGA328P;
  if (bootloader.length === bootloaderBytes) return bootloader;
  throw new Error(
    `Optiboot is ${bootloader.length} B as this avr-gcc compiles it, not ${bootloaderBytes}: use avr-gcc 5.4`,
  );
}

let bootloader: Promise<Uint8Array> | undefined;

/** The flash of an Uno as it is sold: the bootloader alone. It is compiled once. @throws Error in one line if it cannot be */
export async function blankFlash(): Promise<Uint8Array> {
  bootloader ??= buildOptiboot();
  const flash = new Uint8Array(ATMEGA328P.flashBytes).fill(0xff);
  flash.set(await bootloader, ATMEGA328P.flashBytes - ATMEGA328P.bootloaderBytes);
  return flash;
}
