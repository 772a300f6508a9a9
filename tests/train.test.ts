import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Measurement } from '@sparrow/hil';
import { type Architecture, conv2d, globalAveragePool, logits, maxPool, sequential } from '@sparrow/model';
import { workspaceRoot } from './targets.ts';

/** Networks that a person names: a teacher, who learns from it, and who starts from another's weights. */

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sparrow-train-'));
});
afterAll(() => rm(folder, { recursive: true }));

const input = { height: 28, width: 28, channels: 1 };

async function train(name: string, architecture: Architecture, ...flags: string[]): Promise<string> {
  const file = join(folder, `${name}.json`);
  await writeFile(file, JSON.stringify(architecture));
  const script = join(workspaceRoot, 'packages/search/src/bin/train.ts');
  const usual = ['--dataset', 'mnist', '--architecture', file, '--study', name, '--epochs', '1'];
  const { stdout } = await execa(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), script, ...usual, ...flags],
    { cwd: folder, env: { NODE_OPTIONS: '', NO_COLOR: '1' } },
  );
  return stdout;
}

test('a teacher stays in float and is not run on a chip, which is too small for it; another network learns from it', async () => {
  const large = sequential(input, [conv2d(8, { stride: 2 }), maxPool(2), conv2d(260), globalAveragePool(), logits(10)]);
  const told = await train('teacher', large, '--float-only');
  expect(told).toMatch(/\d\d\.\d+ % validation accuracy, in float/);
  expect(told).toContain('--teacher runs/teacher/trials/1');
  expect(existsSync(join(folder, 'runs/teacher/best'))).toBe(false);

  const small = sequential(input, [conv2d(4, { kernel: 5, stride: 2 }), maxPool(2), logits(10)]);
  await train('student', small, '--teacher', 'runs/teacher/trials/1');
  const text = await readFile(join(folder, 'runs/student/best/measurement.json'), 'utf8');
  const measurement = JSON.parse(text) as Measurement;
  expect(measurement).toMatchObject({ images: 10_000, mismatchedLogits: 0 });
  expect(measurement.accuracy).toBeGreaterThan(0.8);

  const unfit = train('other', small, '--dataset', 'fashion-mnist', '--teacher', 'runs/teacher/trials/1');
  await expect(unfit).rejects.toThrow('runs/teacher/trials/1: has learned mnist and cannot teach fashion-mnist');
}, 300_000);

test('a network starts from the weights of another: from then on it is as good as after a second epoch', async () => {
  const network = sequential(input, [conv2d(4, { kernel: 5, stride: 2 }), maxPool(2), logits(10)]);
  const accuracyOf = (told: string): number => Number(/([\d.]+) % validation accuracy/.exec(told)![1]);
  const first = await train('first', network, '--float-only');
  const second = await train('second', network, '--float-only', '--from', 'runs/first/trials/1');
  expect(accuracyOf(second)).toBeGreaterThan(accuracyOf(first) + 0.5);
}, 300_000);
