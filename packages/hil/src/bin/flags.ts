import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import { CommanderError, InvalidArgumentError, type Command } from 'commander';
import pc from 'picocolors';

export function parseCount(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError(`'${text}' is not a whole number of at least 1`);
  }
  return value;
}

/** TCP's. */
export function parsePort(text: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535) {
    throw new InvalidArgumentError(`'${text}' is not a port: a whole number from 0 to 65535`);
  }
  return value;
}

/** Before minutes are spent on what cannot be written. */
export function checkWritable(file: string): void {
  try {
    accessSync(dirname(file), constants.W_OK);
  } catch {
    throw new Error(`--json ${file}: the folder ${dirname(file)} does not exist or is not writable`);
  }
}

/** Runs a command with its flags; whatever goes wrong is one line and an exit code: 2 for wrong flags, else 1. */
export async function runCommand<Flags>(program: Command, main: (flags: Flags) => Promise<number>): Promise<void> {
  try {
    program.exitOverride().parse();
    process.exitCode = await main(program.opts() as Flags);
  } catch (error) {
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
    process.stderr.write(`${pc.red('error:')} ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
