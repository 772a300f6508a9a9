import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runOrExplain } from './processes.mjs';

/** Would replace the C library of the running system under the feet of every program. */
const NEVER_UNPACKED = /^(libc6|libc-bin|libgcc-s1)_/;

/**
 * Downloads packages, and those of their dependencies that this machine lacks, with apt's own resolver and signature
 * checks, and unpacks them into `folder`/root with wrappers in `folder`/bin. Needs no privileges and changes nothing else.
 */
export async function unpackToolchain(packages, folder) {
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  try {
    const archives = await download(packages, join(partial, 'apt'));
    const root = join(partial, 'root');
    mkdirSync(root, { recursive: true });
    for (const archive of archives) await runOrExplain('unpacking', 'dpkg-deb', ['-x', archive, root]);
    writeWrappers(root, join(partial, 'bin'));
    rmSync(join(partial, 'apt'), { recursive: true });
    rmSync(folder, { recursive: true, force: true });
    renameSync(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

async function download(packages, folder) {
  const archives = join(folder, 'cache', 'archives');
  mkdirSync(join(folder, 'state', 'lists', 'partial'), { recursive: true });
  mkdirSync(join(archives, 'partial'), { recursive: true });
  const options = [
    // Lists and archives of our own: those of the system may be absent or stale, and belong to root.
    ['Dir::State', join(folder, 'state')],
    ['Dir::State::status', '/var/lib/dpkg/status'],
    ['Dir::Cache', join(folder, 'cache')],
    ['Debug::NoLocking', 'true'],
    ['Acquire::Languages', 'none'],
    ['Acquire::Retries', '2'],
    ['Acquire::http::Timeout', '30'],
  ].flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  await runOrExplain('apt-get update', 'apt-get', ['update', ...options, '--error-on=any']);
  // --reinstall: download also what is installed, since what is installed does not work.
  const install = ['install', '-y', '--download-only', '--reinstall', '--no-install-recommends'];
  await runOrExplain('apt-get install --download-only', 'apt-get', [...install, ...options, ...packages]);
  return readdirSync(archives)
    .filter((name) => name.endsWith('.deb') && !NEVER_UNPACKED.test(name))
    .map((name) => join(archives, name));
}

/** The compiler finds its own parts relative to itself; its shared libraries have to be pointed out. */
function writeWrappers(root, folder) {
  mkdirSync(folder, { recursive: true });
  const libraries = ['lib', 'usr/lib'].flatMap((path) => multiarchFolders(root, path)).map((path) => `$root/${path}`);
  for (const tool of readdirSync(join(root, 'usr', 'bin')).filter((name) => name.startsWith('avr-'))) {
    const script = [
      '#!/bin/sh',
      '# Written by tools/setup/avr-unpack.mjs.',
      'root=$(cd "$(dirname "$0")/../root" && pwd)',
      `LD_LIBRARY_PATH="${libraries.join(':')}\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"`,
      'export LD_LIBRARY_PATH',
      `exec "$root/usr/bin/${tool}" "$@"`,
    ];
    writeFileSync(join(folder, tool), `${script.join('\n')}\n`);
    chmodSync(join(folder, tool), 0o755);
  }
}

function multiarchFolders(root, path) {
  try {
    return readdirSync(join(root, path))
      .filter((name) => name.includes('-linux-'))
      .map((name) => `${path}/${name}`);
  } catch {
    return [];
  }
}
