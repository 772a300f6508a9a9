import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

/**
 * Reads a file into shared memory, so that what is parsed from it can be posted to worker threads without a copy,
 * and checks that it is, to the bit, the file that was meant.
 *
 * @param sha256 lower-case hexadecimal digest of the whole file
 * @param remedy what to do about a file that is absent or wrong; ends the error message
 * @throws Error if the file cannot be read or its digest differs
 */
export async function readVerified(path: string, sha256: string, remedy: string): Promise<Uint8Array> {
  const bytes = await readShared(path).catch((error: Error) => {
    throw new Error(`${path}: cannot be read (${error.message}): ${remedy}`);
  });
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (actual !== sha256) {
    throw new Error(
      `${path}: damaged or another file (SHA-256 ${actual.slice(0, 12)}…, not ${sha256.slice(0, 12)}…): ${remedy}`,
    );
  }
  return bytes;
}

async function readShared(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const bytes = new Uint8Array(new SharedArrayBuffer(size));
    let filled = 0;
    while (filled < size) {
      const { bytesRead } = await file.read(bytes, filled, size - filled, filled);
      if (bytesRead === 0) break; // it shrank while being read; the checksum tells
      filled += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}
