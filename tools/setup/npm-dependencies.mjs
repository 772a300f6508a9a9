import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { failure, NO_NETWORK, run, SetupError, step, workspace } from './processes.mjs';

const NEEDED_BYTES = 700e6;

/** `npm ci`, unless what is in node_modules is what the lock file asks for. */
export async function ensureNpmDependencies() {
  if (installedAsLocked()) return;
  requireDiskSpace();
  await step('npm packages (about a minute, once)', async () => {
    const source = (await registryAnswers()) ? '--prefer-offline' : '--offline';
    // `npm run --silent` hands its own log level down to us. Files that do not fit on the disk are mere warnings to npm.
    // Development packages also where NODE_ENV says production: the tests and their tools are among them.
    const { succeeded, output } = await run('npm', ['ci', source, '--include=dev', '--loglevel=warn']);
    if (!succeeded || output.includes('TAR_ENTRY_ERROR') || !installedAsLocked()) throw failure('npm ci', output);
  });
}

function requireDiskSpace() {
  const { bavail, bsize } = statfsSync(workspace);
  if (bavail * bsize < NEEDED_BYTES && !existsSync(join(workspace, 'node_modules'))) {
    const free = `${((bavail * bsize) / 1e6).toFixed(0)} MB are free in ${workspace}`;
    throw new SetupError(`the npm packages take 700 MB of disk, ${free}: free some, and run it again`);
  }
}

/** Without a network `npm ci` would try each of its 750 packages for minutes, even if all are in npm's cache. */
async function registryAnswers() {
  const question = ['view', 'typescript', 'version', '--fetch-retries=1', '--fetch-retry-mintimeout=1000'];
  const { succeeded, output } = await run('npm', [...question, '--fetch-timeout=15000', '--loglevel=error']);
  return succeeded || !NO_NETWORK.test(output);
}

/**
 * npm writes down what it installed in node_modules/.package-lock.json, as its last act. So this needs no stamp file,
 * and is true after a plain `npm install` as well.
 */
function installedAsLocked() {
  const locked = readPackages('package-lock.json');
  const installed = readPackages('node_modules/.package-lock.json');
  return (
    installed !== undefined &&
    Object.entries(locked)
      .filter(([path]) => path.includes('node_modules/'))
      .every(([path, wanted]) => {
        const found = installed[path];
        // Optional: for another platform.
        return found === undefined ? wanted.optional === true : found.version === wanted.version;
      })
  );
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(join(workspace, file), 'utf8')).packages;
  } catch {
    return undefined;
  }
}
