import { execa } from 'execa';
import type { Toolchain } from '../toolchain.ts';

/** A named piece of flash. */
export interface FlashSymbol {
  readonly name: string;
  readonly address: number;
  readonly bytes: number;
}

/** The ELF's functions and tables in flash that have a size. */
export async function flashSymbols(elf: string, toolchain: Toolchain): Promise<FlashSymbol[]> {
  const { stdout } = await execa(toolchain.nm, ['-S', '--defined-only', elf]);
  return stdout.split('\n').flatMap((line) => {
    const match = /^([0-9a-f]{8}) ([0-9a-f]{8}) [tT] (.*)$/.exec(line);
    return match ? [{ name: match[3], address: parseInt(match[1], 16), bytes: parseInt(match[2], 16) }] : [];
  });
}
