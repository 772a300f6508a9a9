import { parentPort, workerData } from 'node:worker_threads';
import type { Reply, Request, ThreadData } from './pool.ts';

/** The other side of `WorkerPool`: answers each job that comes in with what `work` returns or throws. */
export function serve<Job, Result, Progress>(
  work: (job: Job, onProgress: (progress: Progress) => void) => Promise<Result>,
): void {
  if (parentPort === null) throw new Error('this file is the body of a worker thread; it is not started by hand');
  const port = parentPort;
  const reply = (message: Reply<Result, Progress>) => port.postMessage(message);
  const answer = async (job: Job) => {
    try {
      reply({ kind: 'result', result: await work(job, (progress) => reply({ kind: 'progress', progress })) });
    } catch (error) {
      reply({ kind: 'error', message: error instanceof Error ? error.message : String(error) });
    }
  };
  port.on('message', ({ job }: Request<Job>) => void answer(job));
}

/** What the pool was made with. */
export function threadData<Data>(): Data {
  return (workerData as ThreadData<Data>).data;
}
