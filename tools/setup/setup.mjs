/**
 * The one step that `npm start` and `npm test` share: npm packages and the AVR toolchain. Plain JavaScript without
 * dependencies, since it runs before there are any. Done already, it takes a fraction of a second and no network.
 */
import { ensureAvrToolchain } from './avr-toolchain.mjs';
import { ensureNpmDependencies } from './npm-dependencies.mjs';
import { SetupError } from './processes.mjs';

function requireNode(major, minor) {
  const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number);
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return;
  throw new SetupError(
    `Node ${process.versions.node} is too old, Sparrow needs ${major}.${minor} or newer: install it from nodejs.org, then run it again`,
  );
}

try {
  requireNode(20, 19);
  await ensureNpmDependencies();
  await ensureAvrToolchain();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`set-up: ${error.message}\n`);
  process.exitCode = 1;
}
