import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { cacheFolder, readCached, type FetchedData } from './cache.ts';

const contents = { images: Buffer.alloc(5_000, 'pixels'), labels: Buffer.from('0123456789') };
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

let root: string;
let fetches: number;
let said: string;
const chosen = process.env.SPARROW_DATASETS;
const writeStderr = process.stderr.write;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sparrow-cache-'));
  process.env.SPARROW_DATASETS = root;
  fetches = 0;
  said = '';
  process.stderr.write = (text: string | Uint8Array): boolean => {
    said += String(text);
    return true;
  };
});
afterEach(async () => {
  process.stderr.write = writeStderr;
  if (chosen === undefined) delete process.env.SPARROW_DATASETS;
  else process.env.SPARROW_DATASETS = chosen;
  await rm(root, { recursive: true });
});

function data(fetch?: FetchedData<'images' | 'labels'>['fetch']): FetchedData<'images' | 'labels'> {
  const writeAll = async (folder: string): Promise<void> => {
    await writeFile(join(folder, 'images'), contents.images);
    await writeFile(join(folder, 'labels'), contents.labels);
  };
  return {
    name: 'toy',
    checksums: { images: sha256(contents.images), labels: sha256(contents.labels) },
    byHand: 'copy it from the shelf',
    fetch: async (folder, scratch) => {
      fetches++;
      await (fetch ?? writeAll)(folder, scratch);
    },
  };
}

async function expectWhole(files: Readonly<Record<'images' | 'labels', Uint8Array>>): Promise<void> {
  expect(contents.images.equals(files.images)).toBe(true);
  expect(contents.labels.equals(files.labels)).toBe(true);
  expect(await readdir(root)).toEqual(['toy']);
  expect((await readdir(join(root, 'toy'))).sort()).toEqual(['images', 'labels']);
}

test('what is not there is fetched, once', async () => {
  await expectWhole(await readCached(data()));
  await expectWhole(await readCached(data()));
  expect(fetches).toBe(1);
  expect(said).toBe('');
});

test('two who ask at the same time share what is fetched', async () => {
  const both = await Promise.all([readCached(data()), readCached(data())]);
  for (const files of both) await expectWhole(files);
  expect(fetches).toBe(1);
});

test.each([
  ['truncated', () => truncate(join(root, 'toy', 'images'), 4_999)],
  ['changed by a bit', () => writeFile(join(root, 'toy', 'labels'), '0123456788')],
  ['removed', () => rm(join(root, 'toy', 'labels'))],
])('a file that was %s is refused in one line, and fetched again', async (_, damage) => {
  await readCached(data());
  await damage();
  await expectWhole(await readCached(data()));
  expect(fetches).toBe(2);
  expect(said).toMatch(/^[^\n]*toy\/(images|labels): (damaged|cannot be read) [^\n]*: fetching it again\n$/);
});

test('a fetch that fails leaves nothing, says what to do by hand, and can be tried again', async () => {
  const broken = data(async (folder, scratch) => {
    await writeFile(join(folder, 'images'), contents.images);
    await writeFile(join(scratch, 'archive'), 'half of it');
    throw new Error('the line was cut');
  });
  await expect(readCached(broken)).rejects.toThrow(
    'toy: cannot be fetched: the line was cut; by hand: copy it from the shelf',
  );
  expect(await readdir(root)).toEqual([]);
  await expectWhole(await readCached(data()));
});

test('data other than what was meant is not put into the cache', async () => {
  const other = data(async (folder) => {
    await writeFile(join(folder, 'images'), contents.images);
    await writeFile(join(folder, 'labels'), '9876543210');
  });
  await expect(readCached(other)).rejects.toThrow(/labels: damaged or another file [^\n]*; by hand: copy it/);
  expect(await readdir(root)).toEqual([]);
});

test('a cache that cannot be made is said in one line', async () => {
  await writeFile(join(root, 'file'), '');
  process.env.SPARROW_DATASETS = join(root, 'file', 'cache');
  await expect(readCached(data())).rejects.toThrow(/^toy: cannot be fetched: ENOTDIR[^\n]*; by hand: copy it/);
  expect(fetches).toBe(0);
});

test('two processes that fetch at the same time both get it whole', async () => {
  const other = data(async (folder) => {
    for (const file of ['images', 'labels'] as const) await writeFile(join(folder, file), contents[file]);
    await mkdir(cacheFolder('toy'));
    for (const file of ['images', 'labels'] as const) await writeFile(join(cacheFolder('toy'), file), contents[file]);
  });
  await expectWhole(await readCached(other));
});

test('damaged data stays until its successor is there', async () => {
  await readCached(data());
  await truncate(join(root, 'toy', 'images'), 7);
  await expect(readCached(data(() => Promise.reject(new Error('no network'))))).rejects.toThrow(/no network/);
  expect((await readFile(join(root, 'toy', 'images'))).length).toBe(7);
});

test('what a killed process left is removed; what one that runs is fetching is not', async () => {
  const ended = execa(process.execPath, ['-e', '']);
  await ended;
  const dead = Number(ended.pid);
  for (const pid of [dead, process.ppid])
    await mkdir(join(`${cacheFolder('toy')}.fetching-${pid}`, 'scratch'), { recursive: true });
  await mkdir(`${cacheFolder('other')}.fetching-${dead}`);
  await readCached(data());
  expect((await readdir(root)).sort()).toEqual(
    [`other.fetching-${dead}`, 'toy', `toy.fetching-${process.ppid}`].sort(),
  );
  expect(existsSync(cacheFolder('toy'))).toBe(true);
});
