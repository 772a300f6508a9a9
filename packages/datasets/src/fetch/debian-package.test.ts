import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { unpackDebianPackage } from './debian-package.ts';

/** The real apt, told by its configuration that all packages there are come from a folder of ours. */

const onDebian = existsSync('/usr/bin/apt-get') && existsSync('/usr/bin/dpkg-deb');
const control = 'Package: small-data\nVersion: 1.0\nArchitecture: all\nMaintainer: nobody\nDescription: for a test\n';

let folder: string;
const { APT_CONFIG } = process.env;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sparrow-apt-'));
  const repository = join(folder, 'repository');
  const tree = join(folder, 'tree');
  for (const path of [repository, join(tree, 'DEBIAN'), join(tree, 'usr/share/small')])
    await mkdir(path, { recursive: true });
  await writeFile(join(tree, 'DEBIAN/control'), control);
  await writeFile(join(tree, 'usr/share/small/data'), 'some data');
  if (!onDebian) return;
  const deb = join(repository, 'small-data_1.0_all.deb');
  await execa('dpkg-deb', ['--build', '--root-owner-group', tree, deb]);
  const bytes = await readFile(deb);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const entry = `${control}Filename: ./small-data_1.0_all.deb\nSize: ${bytes.length}\nSHA256: ${sha256}\n`;
  await writeFile(join(repository, 'Packages'), entry);
  await writeFile(join(folder, 'sources.list'), `deb [trusted=yes] file:${repository} ./\n`);
  await mkdir(join(folder, 'lists/partial'), { recursive: true });
  const settings = {
    'Dir::Etc::SourceList': join(folder, 'sources.list'),
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::State::lists': join(folder, 'lists'),
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";\n`);
  await writeFile(join(folder, 'apt.conf'), lines.join(''));
  process.env.APT_CONFIG = join(folder, 'apt.conf');
});
afterEach(async () => {
  if (APT_CONFIG === undefined) delete process.env.APT_CONFIG;
  else process.env.APT_CONFIG = APT_CONFIG;
  await rm(folder, { recursive: true });
});

async function scratch(): Promise<string> {
  const path = join(folder, 'scratch');
  await mkdir(path);
  return path;
}

const testOnDebian = onDebian ? test : test.skip;

testOnDebian(
  'a package is unpacked, also where there are no lists of packages yet, and those stay as they were',
  async () => {
    const root = await unpackDebianPackage('small-data', 1_000, await scratch());
    expect(await readFile(join(root, 'usr/share/small/data'), 'utf8')).toBe('some data');
    expect(await readdir(join(folder, 'lists'))).toEqual(['partial']);
  },
);

testOnDebian('a package that there is not is refused in one line', async () => {
  await expect(unpackDebianPackage('no-such-data', 1_000, await scratch())).rejects.toThrow(
    /^`apt-get download` failed: [^\n]*Unable to locate package no-such-data$/,
  );
});

testOnDebian('a package that was damaged on its way is refused', async () => {
  const deb = join(folder, 'repository/small-data_1.0_all.deb');
  const bytes = await readFile(deb);
  bytes[bytes.length - 5] ^= 1;
  await writeFile(deb, bytes);
  await expect(unpackDebianPackage('small-data', 1_000, await scratch())).rejects.toThrow(
    /^`apt-get download` failed: [^\n]+$/,
  );
});

test('without apt it says so in one line', async () => {
  const { PATH } = process.env;
  process.env.PATH = await scratch();
  try {
    await expect(unpackDebianPackage('small-data', 1_000, folder)).rejects.toThrow(
      /^`apt-get download` failed: it is not installed$/,
    );
  } finally {
    process.env.PATH = PATH;
  }
});
