import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const workspace = fileURLToPath(new URL('../..', import.meta.url));

/** What the programs that failed said; named in the errors. */
const logFile = join(workspace, '.cache', 'setup.log');

/** An error that a person can act upon: shown as one line, without a stack trace. */
export class SetupError extends Error {}

/**
 * Runs a program to its end.
 *
 * @returns {Promise<{ succeeded: boolean, output: string }>} `succeeded` is false also if it cannot be started
 */
export function run(command, args, { input = '', env = {} } = {}) {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(command, args, { cwd: workspace, env: { ...process.env, ...env } });
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.stdin.on('error', () => undefined); // a program that ends without reading its input
    child.stdin.end(input);
    child.on('error', (error) => (output += `${error.message}\n`));
    child.on('close', (code) => {
      resolve({ succeeded: code === 0, output: `$ ${[command, ...args].join(' ')}\n${output}` });
    });
  });
}

/** As `run`, but failure is a SetupError. */
export async function runOrExplain(what, command, args, options) {
  const { succeeded, output } = await run(command, args, options);
  if (!succeeded) throw failure(what, output);
}

/** What failed, why by its output, and what to do, as one line. */
export function failure(what, output) {
  log(output);
  return new SetupError(`${what} failed: ${explain(output)} (all of its output: ${relative(workspace, logFile)})`);
}

export const NO_NETWORK =
  /ENOTFOUND|EAI_AGAIN|ETIMEDOUT|FETCH_ERROR|ECONNREFUSED|ECONNRESET|ENETUNREACH|ENOTCACHED|Temporary failure resolving|Could not (resolve|connect)|Unable to connect/i;

const EXPLANATIONS = [
  [NO_NETWORK, 'no connection to the network: connect, and run it again'],
  [
    /ENOSPC|No space left|not enough free space|enough free space/i,
    'the disk is full: free about 1 GB, and run it again',
  ],
  [
    /can only install packages when your package\.json and package-lock\.json.*are in sync/s,
    'package.json and package-lock.json differ: run `npm install`, and commit both',
  ],
  [
    /EACCES|EROFS|Permission denied|Read-only file system/i,
    `no permission to write: make ${workspace} yours (chown), and run it again`,
  ],
  [
    /Unable to locate package|has no installation candidate/i,
    'the package sources of this machine do not have them: add the main (Debian) or universe (Ubuntu) component',
  ],
];

function explain(output) {
  const known = EXPLANATIONS.find(([pattern]) => pattern.test(output));
  if (known) return known[1];
  const lines = output
    .split('\n')
    .slice(1)
    .filter((line) => line.trim() !== '');
  return lines.find((line) => /^(E:|npm (error|ERR!)|error)/i.test(line)) ?? lines.at(-1) ?? 'it said nothing';
}

function log(text) {
  try {
    mkdirSync(dirname(logFile), { recursive: true });
    appendFileSync(logFile, `${text}\n`);
  } catch {
    // A log that cannot be written must not hide what it would have told.
  }
}

/** Says what takes time, then how long it took. */
export async function step(description, work) {
  const start = Date.now();
  process.stderr.write(`set-up: ${description} …`);
  if (!process.stderr.isTTY) process.stderr.write('\n');
  try {
    await work();
  } catch (error) {
    process.stderr.write('\n');
    throw error;
  }
  const seconds = ((Date.now() - start) / 1000).toFixed(0);
  process.stderr.write(process.stderr.isTTY ? ` ${seconds} s\n` : `set-up: done in ${seconds} s\n`);
}
