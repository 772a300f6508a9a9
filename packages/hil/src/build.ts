import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import crc32 from 'crc/calculators/crc32';
import { execa, ExecaError } from 'execa';
import type { GeneratedSources } from '@sparrow/codegen';
import { ATMEGA328P } from './atmega328p.ts';
import { bytes, checkFlash, checkRam } from './fit.ts';
import { parseIntelHex } from './intel-hex.ts';
import { objectOf, writeSupportObjects, type Compile } from './support-objects.ts';
import { findToolchain, workspaceRoot, type Toolchain } from './toolchain.ts';

/** A HIL program around one network, built. Plain data: it can be posted to worker threads. */
export interface Firmware {
  readonly elf: Uint8Array;
  /** Intel HEX, what avrdude flashes. */
  readonly hex: string;
  /** The whole flash, 32,768 bytes. */
  readonly flash: Uint8Array;
  /** Everything in the .hex. */
  readonly flashBytes: number;
  /** .data + .bss */
  readonly staticRamBytes: number;
  /** What takes most of the static RAM, in words. */
  readonly largestBuffer?: string;
  readonly baudRate: number;
  /** CRC-32 of all that it was compiled from but the baud rate; the firmware tells it to who asks. */
  readonly id: number;
}

export interface BuildOptions {
  /** Keeps sources, firmware.elf and firmware.hex here; without it they go to a temporary folder that is removed. */
  readonly folder?: string;
  /** Of the serial line; default: `BOARD_BAUD_RATE`. The code has the same size at every rate. */
  readonly baudRate?: number;
  /** Puts into the .elf which line of which function each instruction comes from; the program is the same. */
  readonly debug?: boolean;
  /** For the error when it does not fit; default: the largest static variable. */
  readonly largestBuffer?: string;
}

/**
 * An exact division of 16 MHz (115,200 baud would be 2.1 % off), which the Uno's USB chip, CH340 and FTDI can do. At 160 cycles
 * a byte the firmware keeps up: it takes fewer than 60.
 */
export const BOARD_BAUD_RATE = 1_000_000;
/** The fastest that the USART has at 16 MHz (UBRR 0, double speed): the emulator wastes no time on waiting. */
export const EMULATOR_BAUD_RATE = 2_000_000;

/** Compiler flags: `network` for the generated sources, where time is spent; `hil` for the program around them. */
export const COMPILER_FLAGS = {
  common: [
    '-mmcu=atmega328p',
    `-DF_CPU=${ATMEGA328P.clockHz}UL`,
    '-std=gnu11',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-ffunction-sections',
    '-fdata-sections',
    '-mrelax',
  ],
  network: ['-O2'],
  hil: ['-Os'],
  // Regions larger than the chip's: what does not fit is linked all the same, so that the error can say by how much.
  link: [
    '-Wl,--gc-sections',
    '-Wl,--defsym=__TEXT_REGION_LENGTH__=0x10000',
    '-Wl,--defsym=__DATA_REGION_LENGTH__=0x10000',
  ],
} as const;

/** DWARF 4 knows inlined functions; the assembler of Debian's binutils-avr writes version 2 only. */
const DEBUG_FLAGS = ['-gdwarf-4', '-Wa,-gdwarf-2'];

const HIL_SOURCES = join(workspaceRoot, 'firmware', 'hil');
/** What is compiled for each network, and what is the same for all. */
const HIL_MAIN = 'main.c';
const HIL_SUPPORT = ['cycles.c', 'stack.c'];

/**
 * Compiles and links the HIL program around a network.
 *
 * @throws DoesNotFitError if flash or static data are larger than the chip's
 * @throws Error in one line, if the toolchain is missing or the compiler complains
 */
export async function buildFirmware(sources: GeneratedSources, options: BuildOptions = {}): Promise<Firmware> {
  const toolchain = findToolchain();
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'sparrow-firmware-')));
  try {
    return await buildIn(folder, sources, options, toolchain);
  } finally {
    // A compiler may still be writing when another one has complained.
    if (options.folder === undefined) await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

async function buildIn(
  folder: string,
  sources: GeneratedSources,
  { baudRate = BOARD_BAUD_RATE, largestBuffer, debug = false }: BuildOptions,
  toolchain: Toolchain,
): Promise<Firmware> {
  const hilFolder = join(folder, 'hil');
  await mkdir(hilFolder, { recursive: true });
  await Promise.all([
    cp(HIL_SOURCES, hilFolder, { recursive: true }),
    ...[...sources.files].map(([name, text]) => writeFile(join(folder, name), text)),
  ]);

  const id = await firmwareId(sources);
  const networkUnits = [...sources.files.keys()].filter((name) => /\.[cS]$/.test(name));
  const { network, hil, link } = COMPILER_FLAGS;
  const common = [...COMPILER_FLAGS.common, ...(debug ? DEBUG_FLAGS : [])];
  const compile = (flags: readonly string[], units: readonly string[], where: string): Promise<string> =>
    run(toolchain.gcc, [...common, ...flags, '-c', ...units], where);
  const parameters = [`-DBAUD_RATE=${baudRate}UL`, `-DFIRMWARE_ID=0x${id.toString(16)}UL`, '-I..'];
  const compileSupport: Compile = (units, where) =>
    compile(
      hil,
      units.map((unit) => join(HIL_SOURCES, unit)),
      where,
    );
  await Promise.all([
    compile(network, networkUnits, folder),
    compile([...hil, ...parameters], [HIL_MAIN], hilFolder),
    writeSupportObjects(hilFolder, HIL_SUPPORT, [toolchain.gcc, ...common].join(' '), compileSupport),
  ]);
  const hilObjects = [HIL_MAIN, ...HIL_SUPPORT].map((unit) => join('hil', objectOf(unit)));
  const objects = [...networkUnits.map(objectOf), ...hilObjects];
  await run(toolchain.gcc, [...common, ...link, ...objects, '-o', 'firmware.elf'], folder);
  const [sections, symbols] = await Promise.all([
    run(toolchain.size, ['-A', 'firmware.elf'], folder),
    run(toolchain.nm, ['-S', '--size-sort', '--reverse-sort', 'firmware.elf'], folder),
    run(toolchain.objcopy, ['-O', 'ihex', '-R', '.eeprom', 'firmware.elf', 'firmware.hex'], folder),
  ]);

  const hex = await readFile(join(folder, 'firmware.hex'), 'utf8');
  const staticRamBytes = ['.data', '.bss', '.noinit'].reduce((sum, name) => sum + sectionBytes(sections, name), 0);
  const largestRam = largestBuffer ?? largestSymbol(symbols, 'bBdD');
  const flashBytes = parseIntelHex(hex, 0x10000).usedBytes;
  checkFlash(flashBytes, largestSymbol(symbols, 'tTrR'));
  checkRam(staticRamBytes, 0, largestRam);
  return {
    elf: new Uint8Array(await readFile(join(folder, 'firmware.elf'))),
    hex,
    flash: parseIntelHex(hex, ATMEGA328P.flashBytes).bytes,
    flashBytes,
    staticRamBytes,
    largestBuffer: largestRam,
    baudRate,
    id,
  };
}

async function firmwareId(sources: GeneratedSources): Promise<number> {
  const hilNames = (await readdir(HIL_SOURCES)).sort();
  const hilTexts = await Promise.all(hilNames.map((name) => readFile(join(HIL_SOURCES, name), 'utf8')));
  const networkTexts = [...sources.files].sort(([a], [b]) => (a < b ? -1 : 1)).flat();
  return crc32(Buffer.from([JSON.stringify(COMPILER_FLAGS), ...hilTexts, ...networkTexts].join('\0'))) >>> 0;
}

async function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    return (await execa(program, args, { cwd })).stdout;
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
    const lines = String(error.stderr).split('\n');
    const complaint = lines.find((line) => /error|undefined|overflow/i.test(line)) ?? error.shortMessage;
    throw new Error(`building the firmware failed: ${complaint.trim()}`);
  }
}

/** From `avr-size -A`: name, size and address a line. */
function sectionBytes(sections: string, name: string): number {
  const line = sections.split('\n').find((candidate) => candidate.startsWith(`${name} `));
  return line === undefined ? 0 : Number(line.split(/\s+/)[1]);
}

/** From `avr-nm -S --size-sort --reverse-sort`: address, size, type and name a line. `types`: letters as in nm(1). */
function largestSymbol(symbols: string, types: string): string | undefined {
  for (const line of symbols.split('\n')) {
    const [, size, type, name] = line.split(/\s+/);
    if (type !== undefined && types.includes(type)) return `${name}, ${bytes(parseInt(size, 16))}`;
  }
  return undefined;
}
