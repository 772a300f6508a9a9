import { execa } from 'execa';
import { basename, dirname } from 'node:path';
import type { Toolchain } from '../toolchain.ts';

/** A function that an instruction comes from. */
export interface Frame {
  readonly function: string;
  /** Last folder and name, such as `hil/main.c`. */
  readonly file: string;
  /** From 1; 0 if it is not known. */
  readonly line: number;
}

/**
 * For each byte address of code, the functions that its instruction comes from by the ELF's debug information: the innermost inlined
 * one first, the one that is called last. None for addresses outside of functions.
 */
export async function sourceLines(elf: string, addresses: readonly number[], toolchain: Toolchain): Promise<Frame[][]> {
  const input = addresses.map((address) => `0x${address.toString(16)}\n`).join('');
  const { stdout } = await execa(toolchain.addr2line, ['-e', elf, '-a', '-f', '-i'], { input });
  const frames: Frame[][] = [];
  const lines = stdout.split('\n');
  for (let index = 0; index < lines.length; index++) {
    if (lines[index].startsWith('0x')) {
      frames.push([]);
      continue;
    }
    const place = /^(.*):(\d+|\?)/.exec(lines[++index]);
    if (!place || lines[index - 1] === '??') continue;
    const [, path, line] = place;
    const file = `${basename(dirname(path))}/${basename(path)}`;
    frames[frames.length - 1].push({ function: lines[index - 1], file, line: Number(line) || 0 });
  }
  return frames;
}
