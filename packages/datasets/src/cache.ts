import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readAllVerified } from './files.ts';

/** Data that does not come with `npm install`, but is fetched when it is first asked for. */
export interface FetchedData<File extends string> {
  readonly name: string;
  /** SHA-256 of each file, lower-case hexadecimal. */
  readonly checksums: Readonly<Record<File, string>>;
  /** Writes the files into `folder`, which is empty; `scratch` is empty, too, and is removed afterwards. */
  fetch(folder: string, scratch: string): Promise<void>;
  /** Ends the sentence "cannot be fetched …: ": how a person gets the files, or what they are made from. */
  readonly byHand: string;
}

/** Where fetched data is kept: `$SPARROW_DATASETS`, or `.cache/datasets` in the workspace. */
export function cacheRoot(): string {
  const chosen = process.env.SPARROW_DATASETS;
  return chosen ? resolve(chosen) : fileURLToPath(new URL('../../../.cache/datasets', import.meta.url));
}

export function cacheFolder(name: string): string {
  return join(cacheRoot(), name);
}

/**
 * Reads data from the cache, every byte verified; fetches it first if it is not there, and again if it is damaged
 * (which is said on stderr). What is in the cache is whole: files are put there all at once, after they were verified.
 *
 * @throws Error in one line, naming what to do by hand, if it cannot be fetched
 */
export async function readCached<File extends string>(
  data: FetchedData<File>,
): Promise<Readonly<Record<File, Uint8Array>>> {
  const folder = cacheFolder(data.name);
  if (existsSync(folder)) {
    try {
      return await readAllVerified(folder, data.checksums, 'fetching it again');
    } catch (error) {
      process.stderr.write(`${(error as Error).message}\n`);
    }
  }
  const running = fetching.get(folder);
  if (running !== undefined) return running as ReturnType<typeof fetchInto<File>>;
  const started = fetchInto(folder, data).finally(() => fetching.delete(folder));
  fetching.set(folder, started);
  return started;
}

/** What this process fetches at the moment, by folder: datasets made from the same data share it. */
const fetching = new Map<string, Promise<unknown>>();

async function fetchInto<File extends string>(
  folder: string,
  data: FetchedData<File>,
): Promise<Readonly<Record<File, Uint8Array>>> {
  const staging = stagingFolder(folder, process.pid);
  const [ready, scratch] = [join(staging, 'ready'), join(staging, 'scratch')];
  try {
    await remove(staging);
    for (const path of [staging, ready, scratch]) await mkdir(path, { recursive: true });
    await data.fetch(ready, scratch);
    const files = await readAllVerified(ready, data.checksums, 'not the data that was meant');
    await replace(folder, ready, join(staging, 'replaced'));
    return files;
  } catch (error) {
    throw new Error(`${data.name}: cannot be fetched: ${(error as Error).message}; by hand: ${data.byHand}`, {
      cause: error,
    });
  } finally {
    await remove(staging);
    await removeAbandoned(folder);
  }
}

/** Beside the folder, so that a rename will do; named after the process, so that two that fetch do not meet. */
function stagingFolder(folder: string, pid: number): string {
  return `${folder}.fetching-${pid}`;
}

/** Removes what processes left that were killed while they fetched. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(dirname(folder)).catch(() => [])) {
    const path = join(dirname(folder), name);
    const pid = Number(/\.fetching-(\d+)$/.exec(name)?.[1]);
    if (path !== stagingFolder(folder, pid) || isRunning(pid)) continue;
    await remove(path);
  }
}

/** What cannot be removed (a program that the killed process started may write there yet) is for the next who fetches. */
async function remove(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A folder cannot be renamed onto one that is not empty. Who loses a race for the free name finds the same files there. */
async function replace(folder: string, by: string, aside: string): Promise<void> {
  if (existsSync(folder)) await rename(folder, aside);
  await rename(by, folder).catch((error: Error) => {
    if (!existsSync(folder)) throw error;
  });
}
