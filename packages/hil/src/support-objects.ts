import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Compiles units into object files in the given folder. */
export type Compile = (units: readonly string[], folder: string) => Promise<unknown>;

const compiled = new Map<string, Promise<readonly Uint8Array[]>>();

/**
 * Writes the object files of `units`, the parts of the HIL program that are the same for every network, into `folder`. They are
 * compiled once a process for each `key`, which stands for the compiler: a search builds hundreds of programs around them.
 */
export async function writeSupportObjects(
  folder: string,
  units: readonly string[],
  key: string,
  compile: Compile,
): Promise<void> {
  const objects = compiled.get(key) ?? compileOnce(units, compile);
  compiled.set(key, objects);
  // What could not be compiled once may be another time.
  objects.catch(() => compiled.delete(key));
  const contents = await objects;
  await Promise.all(units.map((unit, index) => writeFile(join(folder, objectOf(unit)), contents[index])));
}

async function compileOnce(units: readonly string[], compile: Compile): Promise<readonly Uint8Array[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sparrow-support-'));
  try {
    await compile(units, folder);
    return await Promise.all(units.map((unit) => readFile(join(folder, objectOf(unit)))));
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

export const objectOf = (unit: string): string => unit.replace(/\.[cS]$/, '.o');
