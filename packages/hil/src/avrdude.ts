import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa, ExecaError } from 'execa';

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
 * @throws Error in one line, if avrdude is missing or did not succeed
 */
export async function flashUno(port: string, hex: string, avrdude = 'avrdude'): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sparrow-flash-'));
  const hexPath = join(folder, 'firmware.hex');
  try {
    await writeFile(hexPath, hex);
    await execa(avrdude, avrdudeArguments(port, hexPath));
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
    if (error.code === 'ENOENT') {
      throw new Error('avrdude is missing, it flashes the board: install it (Debian: `apt-get install avrdude`)');
    }
    const lines = String(error.stderr).trim().split('\n');
    throw new Error(`flashing the board at ${port} failed: ${lines.at(-1) || error.shortMessage}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
