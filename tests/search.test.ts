import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa, type ResultPromise } from 'execa';
import type { Measurement } from '@sparrow/hil';
import { findOptiboot, startVirtualUno } from '@sparrow/hil/testing';
import { modelId, readModel } from '@sparrow/model';
import { openStudyForReading } from '@sparrow/optimizer';
import { workspaceRoot } from './targets.ts';

/**
 * One study, as it may go: interrupted, killed, and in the end finished. Real training, compiler and emulated chip. Only a fast network
 * is wanted: 10,000 images take it seconds.
 */

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sparrow-search-'));
});
afterAll(() => rm(folder, { recursive: true }));

const studyFolder = () => join(folder, 'runs', 'study');

function startSearch(budget: string, ...more: string[]): ResultPromise<{ reject: false }> {
  const script = join(workspaceRoot, 'packages/search/src/bin/search.ts');
  const flags = [
    '--dataset',
    'mnist',
    '--budget',
    budget,
    '--jobs',
    '2',
    '--seed',
    '3',
    '--study',
    'study',
    '--max-ms',
    '12',
    ...more,
  ];
  return execa(process.execPath, ['--import', import.meta.resolve('tsx'), script, ...flags], {
    cwd: folder,
    reject: false,
    env: { NODE_OPTIONS: '', NO_COLOR: '1' },
  });
}

/** Waits for a line that says how a trial went. */
function firstTrial(search: ResultPromise<{ reject: false }>): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    search.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (/^ +#\d+ +rung \d .*%/m.test(output)) resolve();
    });
    search.on('exit', () => reject(new Error(`the search ended without a trial: ${output}`)));
  });
}

function completeTrials(): number[] {
  const study = openStudyForReading(join(studyFolder(), 'study.db'));
  try {
    return study
      .trials()
      .filter(({ state }) => state === 'complete')
      .map(({ id }) => id);
  } finally {
    study.close();
  }
}

test('Ctrl-C keeps what is finished and says how to go on', async () => {
  const search = startSearch('10m');
  await firstTrial(search);
  search.kill('SIGINT');
  const { exitCode, stderr } = await search;
  expect(exitCode).toBe(130);
  expect(stderr).toContain('go on with: nx run search:mnist --study study');
  expect(completeTrials().length).toBeGreaterThan(0);
}, 120_000);

test('a killed search loses nothing that was told', async () => {
  const before = completeTrials();
  const search = startSearch('10m');
  await firstTrial(search);
  search.kill('SIGKILL');
  await search;
  const after = completeTrials();
  expect(after.length).toBeGreaterThan(before.length);
  expect(after).toEqual(expect.arrayContaining(before));
}, 120_000);

test('going on with it ends with a network that is verified with every test image, and all that it takes to flash it', async () => {
  const before = completeTrials();
  // Finalists are measured on a board, where one can be had.
  const uno = findOptiboot() === null ? undefined : await startVirtualUno();
  const device = uno === undefined ? [] : ['--device', uno.path];
  const { exitCode, stdout } = await startSearch('30s', ...device).finally(() => uno?.close());
  // What a killed search was just writing counts too, once the database has recovered its log.
  const [, known] = /going on after (\d+) trials/.exec(stdout) ?? [];
  expect(Number(known) - before.length).toBeGreaterThanOrEqual(0);
  expect(Number(known) - before.length).toBeLessThanOrEqual(2);
  if (uno !== undefined) expect(stdout).toMatch(/what was measured on the board at \/dev\/pts\/\d+/);
  expect(stdout).not.toMatch(/measures no more|differ|other cycles/);
  expect(exitCode).toBe(0);
  expect(completeTrials()).toEqual(expect.arrayContaining(before));

  const best = join(studyFolder(), 'best');
  expect((await readdir(best)).sort()).toEqual([
    'FLASHING.md',
    'evidence.json',
    'firmware',
    'firmware.hex',
    'measurement.json',
    'model.sparrow',
  ]);
  const measurement = JSON.parse(await readFile(join(best, 'measurement.json'), 'utf8')) as Measurement;
  expect(measurement).toMatchObject({ dataset: 'mnist', device: 'avr8js', images: 10_000, mismatchedLogits: 0 });
  expect(measurement.accuracy).toBeGreaterThan(0.9);
  expect(measurement.ramBytes.total).toBeLessThanOrEqual(2048);
  expect(measurement.flashBytes).toBeLessThanOrEqual(32_256);
  expect(await readFile(join(studyFolder(), 'report.html'), 'utf8')).toContain('confusion');
  const network = await readFile(join(best, 'firmware', 'network.h'), 'utf8');
  expect(network).toContain(`0x${modelId(readModel(best)).toString(16).padStart(8, '0')}UL`);
}, 300_000);
