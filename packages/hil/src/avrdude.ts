import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa, ExecaError } from 'execa';
import { pagesOf } from './flash/program-image.ts';
import { silentBootloader, wrongBoard } from './flash/signature.ts';

/** How the Uno's bootloader, Optiboot, is spoken to. `-D`: it erases by pages, not the whole chip. */
export function avrdudeArguments(port: string, hexPath: string): readonly string[] {
  return [
    '-q',
    '-q',
    '-p',
    'atmega328p',
    '-c',
    'arduino',
    '-P',
    port,
    '-b',
    '115200',
    '-D',
    '-U',
    `flash:w:${hexPath}:i`,
  ];
}

/**
 * Flashes an Intel HEX onto the Uno at `port`, and has it verified.
 *
 * @throws Error in one line, if the program does not fit, avrdude is missing or did not succeed
 */
export async function flashWithAvrdude(port: string, hex: string, avrdude = 'avrdude'): Promise<void> {
  pagesOf(hex);
  const folder = await mkdtemp(join(tmpdir(), 'sparrow-flash-'));
  const hexPath = join(folder, 'firmware.hex');
  try {
    await writeFile(hexPath, hex);
    await execa(avrdude, avrdudeArguments(port, hexPath));
  } catch (error) {
    throw error instanceof ExecaError ? explain(port, error) : error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function explain(port: string, error: ExecaError): Error {
  if (error.code === 'ENOENT') {
    return new Error(
      'avrdude is missing: install it (Debian: `apt-get install avrdude`), or leave --programmer out: it is not needed',
    );
  }
  const output = String(error.stderr);
  const signature = /Device signature = 0x([0-9a-f]{6})/i.exec(output)?.[1].toUpperCase().match(/../g)?.join(' ');
  if (signature !== undefined) return wrongBoard(port, signature);
  if (/not in sync|programmer is not responding|unable to open programmer/i.test(output)) return silentBootloader(port);
  const lines = output.trim().split('\n');
  return new Error(`flashing the board at ${port} failed: ${lines.at(-1) || error.shortMessage}`);
}
