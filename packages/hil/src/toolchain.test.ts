import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findToolchain } from './toolchain.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sparrow-toolchain-test-'));
});
afterEach(() => rm(root, { recursive: true }));

async function addCompiler(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'avr-gcc'), '#!/bin/sh\n');
  await chmod(join(folder, 'avr-gcc'), 0o755);
}

test('says what to install when there is none', () => {
  expect(() => findToolchain(join(root, 'bin'), root)).toThrow(/^avr-gcc is missing: .*npm run setup.*avr-libc[^\n]*$/);
});

test('takes what is on PATH, and before it what set-up unpacked', async () => {
  await addCompiler(join(root, 'bin'));
  expect(findToolchain(join(root, 'bin'), root).objcopy).toBe(join(root, 'bin', 'avr-objcopy'));
  await addCompiler(join(root, '.toolchain', 'bin'));
  expect(findToolchain(join(root, 'bin'), root).gcc).toBe(join(root, '.toolchain', 'bin', 'avr-gcc'));
});
