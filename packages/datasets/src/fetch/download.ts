import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { execa, type ExecaError } from 'execa';
import { withProgress } from './progress.ts';

const POLL_MILLISECONDS = 200;

export interface Download {
  /** What is shown while it runs. */
  readonly title: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Variables for those that the environment does not set. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where the command runs, and writes all that it downloads. */
  readonly folder: string;
  /** What it will have written in the end, about. */
  readonly expectedBytes: number;
}

/**
 * Runs a package manager's own download, so that its registry, proxies, credentials and certificates hold. Such commands
 * tell a program nothing of their progress: it is seen by what has arrived on the disk.
 *
 * @throws Error in one line that says why it failed, by the command's own words
 */
export async function download({ title, command, args, env, folder, expectedBytes }: Download): Promise<void> {
  await withProgress(title, expectedBytes, async (report) => {
    const timer = setInterval(() => void bytesIn(folder).then(report), POLL_MILLISECONDS);
    try {
      await execa(command, args, { cwd: folder, stdin: 'ignore', env: { ...env, ...process.env } });
    } catch (error) {
      throw new Error(`\`${command} ${args[0]}\` failed: ${explain(error as ExecaError)}`, { cause: error });
    } finally {
      clearInterval(timer);
    }
  });
}

/** Of all files under a folder; what vanishes meanwhile counts as nothing. */
async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const sizes = entries.map(async (entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return bytesIn(path);
    return stat(path).then(
      ({ size }) => size,
      () => 0,
    );
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

const EXPLANATIONS: readonly (readonly [RegExp, string])[] = [
  [
    /ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET|ENETUNREACH|ENOTCACHED|resolving|Could not (resolve|connect)|Unable to connect/,
    'no connection to the network',
  ],
  [/ENOSPC|No space left|enough free space/i, 'the disk is full'],
  [/EACCES|EROFS|Permission denied|Read-only file system/i, 'no permission to write'],
];

function explain(error: ExecaError): string {
  if (error.code === 'ENOENT') return 'it is not installed';
  const output = `${String(error.stderr)}\n${String(error.stdout)}`;
  const known = EXPLANATIONS.find(([pattern]) => pattern.test(output));
  if (known !== undefined) return known[1];
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return lines.find((line) => /^(E:|npm (error|ERR!) (?!code\b))/.test(line)) ?? lines.at(-1) ?? error.shortMessage;
}
