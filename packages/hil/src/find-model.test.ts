import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findModel } from './find-model.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sparrow-find-model-test-'));
});
afterEach(() => rm(root, { recursive: true }));

async function place(path: string, minutesOld = 0, accuracy?: number): Promise<string> {
  const file = join(root, path, 'model.sparrow');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, '');
  const time = Date.now() / 1000 - 60 * minutesOld;
  await utimes(file, time, time);
  if (accuracy !== undefined) await writeFile(join(root, path, 'measurement.json'), JSON.stringify({ accuracy }));
  return file;
}

test('a file is itself, a folder what is in it or in its best/', async () => {
  const [zoo, run] = [await place('zoo/mnist/small'), await place('runs/one/best')];
  expect(findModel(zoo, 'mnist', root)).toBe(zoo);
  expect(findModel(dirname(zoo), 'mnist', root)).toBe(zoo);
  expect(findModel(join(root, 'runs/one'), 'mnist', root)).toBe(run);
});

test('without a path: the newest run, else the most accurate of the zoo', async () => {
  await place('zoo/mnist/fast', 0, 0.98);
  const accurate = await place('zoo/mnist/accurate', 0, 0.99);
  await place('zoo/mnist/unmeasured');
  expect(findModel(undefined, 'mnist', root)).toBe(accurate);
  await place('runs/old/best', 20);
  const newest = await place('runs/new/best', 10);
  await mkdir(join(root, 'runs/unfinished'), { recursive: true });
  expect(findModel(undefined, 'mnist', root)).toBe(newest);
});

test('says what to do when there is nothing', async () => {
  await mkdir(join(root, 'empty'));
  expect(() => findModel(undefined, 'mnist', root)).toThrow(/^there is no model yet: .*nx run search:mnist[^\n]*$/);
  expect(() => findModel(join(root, 'empty'), 'mnist', root)).toThrow(/^[^\n]*has no model\.sparrow[^\n]*$/);
  expect(() => findModel(join(root, 'missing'), 'mnist', root)).toThrow(/missing: there is no such file/);
});
