import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { download } from './download.ts';

/**
 * Downloads a package of Debian's (or Ubuntu's) with apt, which verifies its signature, and unpacks it. Installs nothing and
 * needs no privileges.
 *
 * @param folder an empty one for all that is downloaded
 * @returns the folder that holds the package's `usr`
 */
export async function unpackDebianPackage(name: string, expectedBytes: number, folder: string): Promise<string> {
  const megabytes = (expectedBytes / 1e6).toFixed(0);
  const get = (options: readonly string[]): Promise<void> =>
    download({
      title: `fetching ${name} from Debian (${megabytes} MB)`,
      command: 'apt-get',
      args: ['download', ...QUIETLY, ...options, name],
      folder,
      expectedBytes,
    });
  // The system's lists of packages may be absent (fresh containers), and belong to root.
  await get([]).catch(async (error: Error) => {
    if (!/Unable to locate package|no installation candidate/.test(error.message)) throw error;
    await get(await listsOfOurOwn(folder));
  });
  const archive = (await readdir(folder)).find((file) => file.endsWith('.deb'));
  if (archive === undefined) throw new Error(`\`apt-get download ${name}\` downloaded nothing`);
  const root = join(folder, 'root');
  await execa('dpkg-deb', ['-x', join(folder, archive), root]);
  return root;
}

const QUIETLY = ['-q', '-o', 'Acquire::Retries=2', '-o', 'Acquire::http::Timeout=30', '-o', 'APT::Sandbox::User=root'];

async function listsOfOurOwn(folder: string): Promise<string[]> {
  const state = join(folder, 'apt');
  await mkdir(join(state, 'lists', 'partial'), { recursive: true });
  await mkdir(join(state, 'cache', 'archives', 'partial'), { recursive: true });
  const options = [
    `Dir::State=${state}`,
    `Dir::State::lists=${join(state, 'lists')}`,
    'Dir::State::status=/var/lib/dpkg/status',
    `Dir::Cache=${join(state, 'cache')}`,
    'Debug::NoLocking=true',
    'Acquire::Languages=none',
  ].flatMap((option) => ['-o', option]);
  await download({
    title: 'fetching lists of packages from Debian',
    command: 'apt-get',
    args: ['update', ...QUIETLY, ...options],
    folder: state,
    expectedBytes: 30e6,
  });
  return options;
}
