import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { unpackNpmPackage, type NpmPackage } from './npm-package.ts';

/** npm packs a folder as it packs what a registry has, but needs no network for it. */

let folder: string;
let wanted: NpmPackage;
let archive: string;
const env = { ...process.env };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sparrow-npm-'));
  const source = join(folder, 'source');
  await mkdir(source);
  await writeFile(join(source, 'package.json'), JSON.stringify({ name: 'small-data', version: '1.0.0' }));
  await writeFile(join(source, 'data.bin'), Buffer.alloc(10_000, 'data'));
  await execa('npm', ['pack', source], { cwd: folder });
  archive = join(folder, 'small-data-1.0.0.tgz');
  const bytes = await readFile(archive);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  wanted = { spec: source, archive: 'small-data-1.0.0.tgz', bytes: bytes.length, sha256 };
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => {
  process.env = { ...env };
});

let next = 0;
/** An empty folder. */
async function empty(): Promise<string> {
  const path = join(folder, `empty-${next++}`);
  await mkdir(path);
  return path;
}

async function expectUnpacked(path: string): Promise<void> {
  expect((await readdir(path)).sort()).toEqual(['data.bin', 'package.json']);
  expect(await readFile(join(path, 'data.bin'))).toEqual(Buffer.alloc(10_000, 'data'));
}

test('npm packs it, its files come out', async () => {
  await expectUnpacked(await unpackNpmPackage(wanted, await empty(), await empty()));
});

test('an archive that a person put there is taken, and npm not asked', async () => {
  const byHand = await empty();
  await copyFile(archive, join(byHand, wanted.archive));
  await expectUnpacked(await unpackNpmPackage({ ...wanted, spec: 'no such package' }, await empty(), byHand));
});

test('another archive than the one meant is not unpacked', async () => {
  const scratch = await empty();
  const other = { ...wanted, sha256: '0'.repeat(64) };
  await expect(unpackNpmPackage(other, scratch, await empty())).rejects.toThrow(/: not the archive of [^\n]*source$/);
  expect(await readdir(scratch)).toEqual(['download']);
});

test('without a network it says so in one line', async () => {
  // Nothing listens at port 9 (discard) of this machine.
  process.env.npm_config_registry = 'http://127.0.0.1:9';
  process.env.npm_config_fetch_retries = '0';
  await expect(unpackNpmPackage({ ...wanted, spec: 'small-data@1.0.0' }, await empty(), await empty())).rejects.toThrow(
    /^`npm pack` failed: no connection to the network$/,
  );
});

test('without npm it says so in one line', async () => {
  process.env.PATH = await empty();
  await expect(unpackNpmPackage(wanted, await empty(), await empty())).rejects.toThrow(
    /^`npm pack` failed: it is not installed$/,
  );
});
