import { JobCancelledError, WorkerPool } from './pool.ts';
import type { ArithmeticJob } from './testing/arithmetic-worker.ts';

const script = new URL('./testing/arithmetic-worker.ts', import.meta.url);
let pool: WorkerPool<ArithmeticJob, number, number>;

beforeEach(() => {
  pool = new WorkerPool(script, 2, undefined);
});
afterEach(() => pool.close());

test('more jobs than threads all come back, each with its own result and progress', async () => {
  const progress: number[] = [];
  const jobs = [1, 2, 3, 4, 5].map((double) => pool.run({ double }, (value) => progress.push(value)));
  expect(await Promise.all(jobs)).toEqual([2, 4, 6, 8, 10]);
  expect(progress).toEqual([0.5, 0.5, 0.5, 0.5, 0.5]);
});

test('a job that throws, or whose thread dies, fails alone', async () => {
  await expect(pool.run({ fail: 'no such layer' })).rejects.toThrow('no such layer');
  await expect(pool.run({ die: true })).rejects.toThrow('code 3');
  expect(await pool.run({ double: 4 })).toBe(8);
});

test('cancelling rejects what runs and what waits, and the pool goes on', async () => {
  const slow = [1, 2, 3].map((double) => pool.run({ double, waitMilliseconds: 60_000 }));
  const outcomes = Promise.allSettled(slow);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await pool.cancel();
  for (const outcome of await outcomes) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(JobCancelledError) });
  }
  expect(await pool.run({ double: 4 })).toBe(8);
});

test('a closed pool takes no jobs', async () => {
  await pool.close();
  await expect(pool.run({ double: 1 })).rejects.toThrow(JobCancelledError);
});
