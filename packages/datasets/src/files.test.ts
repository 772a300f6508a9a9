import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readVerified } from './files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sparrow-files-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a file with the right checksum arrives whole, in shared memory', async () => {
  const content = Uint8Array.from({ length: 100_003 }, (_, i) => (i * 31) & 255);
  await writeFile(join(folder, 'data'), content);
  const bytes = await readVerified(join(folder, 'data'), createHash('sha256').update(content).digest('hex'), 'get it');
  expect(Buffer.from(content).equals(bytes)).toBe(true);
  expect(bytes.buffer).toBeInstanceOf(SharedArrayBuffer);
});

test('one flipped bit is refused in one line that says what to do', async () => {
  const content = new Uint8Array(1_000);
  const checksum = createHash('sha256').update(content).digest('hex');
  content[517] ^= 1;
  const path = join(folder, 'data');
  await writeFile(path, content);
  await expect(readVerified(path, checksum, 'get it again')).rejects.toThrow(
    /^[^\n]*data: damaged or another file \(SHA-256 [^\n]*\): get it again$/,
  );
});

test('an absent file is refused in one line that says what to do', async () => {
  await expect(readVerified(join(folder, 'absent'), '', 'get it')).rejects.toThrow(
    /^[^\n]*absent: cannot be read \(ENOENT[^\n]*\): get it$/,
  );
});
