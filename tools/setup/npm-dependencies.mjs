import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runOrExplain, step, workspace } from './processes.mjs';

/** `npm ci`, unless what is in node_modules is what the lock file asks for. */
export async function ensureNpmDependencies() {
  if (installedAsLocked()) return;
  await step('npm packages (about a minute, once)', () =>
    runOrExplain('npm ci', 'npm', [
      'ci',
      // `npm run --silent` hands its own log level down to us.
      '--loglevel=error',
      '--prefer-offline',
      // Without a network: give up after seconds instead of minutes.
      '--fetch-retry-mintimeout=1000',
      '--fetch-retry-maxtimeout=10000',
    ]),
  );
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
