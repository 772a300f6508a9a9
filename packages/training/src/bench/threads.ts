import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ThroughputTask } from './throughput.ts';

/** Images a second of `threads` threads that train at the same time, each a network of its own. */
export async function measureInThreads(task: ThroughputTask, threads: number): Promise<number> {
  const rates = await Promise.all(Array.from({ length: threads }, () => measureInThread(task)));
  return rates.reduce((sum, rate) => sum + rate, 0);
}

async function measureInThread(task: ThroughputTask): Promise<number> {
  const worker = new Worker(new URL('./thread.mjs', import.meta.url), { workerData: task });
  const [imagesPerSecond] = (await once(worker, 'message')) as [number];
  await worker.terminate();
  return imagesPerSecond;
}
