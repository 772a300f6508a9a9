import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { targets, workspaceRoot } from './targets.ts';

/** Whatever a person gets wrong: one line that says what to do, and an exit code. */

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sparrow-bad-input-'));
});
afterAll(() => rm(folder, { recursive: true }));

interface Attempt {
  readonly command: string;
  readonly env?: Record<string, string>;
}

/** What an Nx target would run, without Nx around it, in a folder where nothing is in the way. */
async function run({ command, env }: Attempt) {
  const [program, file, ...args] = command.split(' ');
  const loader = program === 'tsx' ? ['--import', import.meta.resolve('tsx')] : [];
  return execa(process.execPath, [...loader, join(workspaceRoot, file), ...args], {
    cwd: folder,
    reject: false,
    timeout: 30_000,
    env,
  });
}

async function expectRefusal(attempt: Attempt, complaint: RegExp): Promise<void> {
  const { exitCode, stderr } = await run(attempt);
  expect(stderr).toMatch(complaint);
  // Commander adds what was perhaps meant, and how to get help, in lines in brackets.
  expect(stderr.replace(/\n\(.*\)/g, '').trim()).not.toContain('\n');
  expect(exitCode).toBeGreaterThan(0);
}

const commands = [...targets()].filter(([, command]) => command.startsWith('tsx '));

test.each(commands)('%s refuses a flag that it does not know', async (_, command) => {
  await expectRefusal(
    { command: `${command} --no-such-flag` },
    /^error: (unknown option '--no-such-flag'|required option )/,
  );
});

const search = 'tsx packages/search/src/bin/search.ts';

test.each([
  ['no dataset', '', /--dataset/],
  ['an unknown dataset', '--dataset minst', /^error: unknown dataset 'minst': known are mnist\b/],
  ['a budget that is none', '--dataset mnist --budget soon', /--budget.*'soon' is not a duration/],
  ['no jobs', '--dataset mnist --jobs 0', /--jobs.*'0' is not a whole number of at least 1/],
  [
    'a study outside of runs/',
    '--dataset mnist --study ../elsewhere',
    /--study.*'\.\.\/elsewhere' is not a study name/,
  ],
])('a search refuses %s', async (_, flags, complaint) => {
  await expectRefusal({ command: `${search} ${flags}`.trim() }, complaint);
});

test('a search refuses to go on with a study that is damaged, and leaves it as it is', async () => {
  await mkdir(join(folder, 'runs/damaged'), { recursive: true });
  await writeFile(
    join(folder, 'runs/damaged/study.db'),
    'not a database at all, yet longer than its header '.repeat(20),
  );
  await expectRefusal({ command: `${search} --dataset mnist --study damaged` }, /study\.db is not a study/);
  expect(await readdir(join(folder, 'runs/damaged'))).toEqual(['study.db']);
});

/** Where set-up has unpacked a toolchain of its own, none is missing. */
const withoutToolchain = existsSync(join(workspaceRoot, '.toolchain')) ? describe.skip : describe;

withoutToolchain('without an AVR toolchain', () => {
  const env = { PATH: '' };

  test('a search says so before it spends any time', async () => {
    await expectRefusal(
      { command: `${search} --dataset mnist --budget 5s --study none`, env },
      /^error: avr-gcc is missing: /,
    );
    expect(existsSync(join(folder, 'runs/none'))).toBe(false);
  });

  test('set-up says what to install where it cannot', async () => {
    await expectRefusal({ command: 'node tools/setup/setup.mjs', env }, /^set-up: avr-gcc is missing: .*install/);
  });
});
