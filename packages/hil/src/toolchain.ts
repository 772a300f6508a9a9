import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const workspaceRoot = fileURLToPath(new URL('../../../', import.meta.url));

/** Paths of the programs that build and inspect firmware. */
export interface Toolchain {
  readonly gcc: string;
  readonly objcopy: string;
  readonly size: string;
  readonly nm: string;
  readonly addr2line: string;
}

/**
 * The AVR toolchain: what set-up unpacked into `.toolchain/` (it does so only where PATH has none that works), else PATH.
 *
 * @throws Error that says how to get it
 */
export function findToolchain(path: string = process.env.PATH ?? '', root: string = workspaceRoot): Toolchain {
  const folders = [join(root, '.toolchain', 'bin'), ...path.split(delimiter).filter((folder) => folder !== '')];
  const folder = folders.find((candidate) => isExecutable(join(candidate, 'avr-gcc')));
  if (folder === undefined) {
    throw new Error(
      'avr-gcc is missing: run `npm run setup`, or install gcc-avr, avr-libc and binutils-avr so that they are on PATH',
    );
  }
  return {
    gcc: join(folder, 'avr-gcc'),
    objcopy: join(folder, 'avr-objcopy'),
    size: join(folder, 'avr-size'),
    nm: join(folder, 'avr-nm'),
    addr2line: join(folder, 'avr-addr2line'),
  };
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
