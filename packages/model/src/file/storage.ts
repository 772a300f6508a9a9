import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ModelError } from '../errors.ts';
import type { Model } from '../model.ts';
import { decodeModel } from './decode.ts';
import { encodeModel } from './encode.ts';

/** What a folder that holds one model calls it. */
export const MODEL_FILE_NAME = 'model.sparrow';

/** Reads a `.sparrow` file, or `model.sparrow` in a folder. Throws a `ModelError` that names the file and what is wrong. */
export function readModel(path: string): Model {
  const file = isFolder(path) ? join(path, MODEL_FILE_NAME) : path;
  return decodeModel(readBytes(file), file);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new ModelError(`${file}: there is no such model file`);
    throw new ModelError(`${file}: cannot be read (${(error as Error).message})`);
  }
}

/** Writes a `.sparrow` file: afterwards it is there whole, or, if the machine stopped meanwhile, as it was before. */
export function writeModel(path: string, model: Model): void {
  const bytes = encodeModel(model);
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const descriptor = openSync(temporary, 'wx');
    try {
      writeFileSync(descriptor, bytes);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new ModelError(`${path}: cannot be written (${(error as Error).message})`);
  }
}
