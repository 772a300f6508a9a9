import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomStream } from './random.ts';
import { configurationKey } from './samplers/distinct.ts';
import { makeSampler, openStudy, openStudyForReading } from './index.ts';
import { evaluateToy, toyProblem } from './testing/toy-space.ts';
import type { Toy } from './testing/toy-space.ts';

const folder = mkdtempSync(join(tmpdir(), 'study-crash-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the worker; kills it with SIGKILL so many milliseconds after it opened the study (never if undefined). */
function runWorker(path: string, trials: number, killAfterMilliseconds?: number): Promise<string[]> {
  const script = fileURLToPath(new URL('./testing/crash-worker.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, path, String(trials)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => {
    if (output === '' && killAfterMilliseconds !== undefined)
      setTimeout(() => child.kill('SIGKILL'), killAfterMilliseconds);
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('close', (code, signal) => {
      if (code === 0 || signal === 'SIGKILL') resolve(output.split('\n').slice(0, -1));
      else reject(new Error(errors));
    });
  });
}

/** Told trials as `id → error`; fails if one was told twice. */
function toldTrials(lines: readonly string[]): Map<number, number> {
  const told = new Map<number, number>();
  for (const line of lines.filter((text) => text.startsWith('told'))) {
    const [, id, error] = line.split(' ').map(Number);
    expect(told.has(id)).toBe(false);
    told.set(id, error);
  }
  return told;
}

test('two processes at a time, killed at random moments: nothing told is lost, nothing is doubled', async () => {
  const path = join(folder, 'killed.db');
  const random = randomStream(Date.now(), 0);
  const lines: string[] = [];
  for (let round = 0; round < 2; round++) {
    const outputs = await Promise.all([1, 2].map(() => runWorker(path, Infinity, 20 + 150 * random())));
    lines.push(...outputs.flat());
  }
  const told = toldTrials(lines);
  const reader = openStudyForReading<Toy>(path);
  const killed = reader.trials();
  reader.close();
  expect(told.size).toBeGreaterThan(4);
  expect(killed.map((trial) => trial.id)).toEqual(killed.map((_, index) => index + 1));
  for (const [id, error] of told) {
    expect(killed[id - 1]).toMatchObject({ state: 'complete', objectives: { error } });
  }
  // Each process has at most one trial in its hands, and at most one told whose line was not written any more.
  const running = killed.filter((trial) => trial.state === 'running');
  expect(running.length).toBeLessThanOrEqual(2);
  expect(killed.length - running.length - told.size).toBeLessThanOrEqual(4);

  // Resumed: the running ones are given out first, then the study goes on as if nothing had happened.
  const study = openStudy({ path, problem: toyProblem, sampler: makeSampler('random', toyProblem), seed: 1 });
  for (const { id } of running) {
    const trial = study.ask();
    expect(trial.id).toBe(id);
    expect(study.tell(trial, evaluateToy(trial.configuration))).toBe(true);
  }
  expect(study.ask().id).toBe(killed.length + 1);
  const proposals = study.trials().filter((trial) => trial.rung === 0);
  expect(new Set(proposals.map((trial) => configurationKey(trial.configuration))).size).toBe(proposals.length);
  const promotions = study.trials().filter((trial) => trial.rung > 0);
  expect(new Set(promotions.map((trial) => trial.parent)).size).toBe(promotions.length);
  study.close();
});

test('three processes create and fill one study; every trial is given to one of them, none is doubled', async () => {
  const path = join(folder, 'shared', 'study.db');
  const outputs = await Promise.all([1, 2, 3].map(() => runWorker(path, 60)));
  const asked = outputs.flat().filter((line) => line.startsWith('asked'));
  const reader = openStudyForReading<Toy>(path);
  const trials = reader.trials();
  reader.close();
  expect(new Set(asked).size).toBe(asked.length);
  expect(trials.length).toBe(asked.length);
  expect(trials.every((trial) => trial.state === 'complete')).toBe(true);
  expect(toldTrials(outputs.flat()).size).toBe(trials.length);
  const proposed = trials.filter(({ rung }) => rung === 0).map(({ configuration }) => configurationKey(configuration));
  expect(new Set(proposed).size).toBe(proposed.length);
});
