import { Worker } from 'node:worker_threads';

/** What a worker thread and the pool say to each other. */
export type Request<Job> = { readonly job: Job };
export type Reply<Result, Progress> =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'result'; readonly result: Result }
  | { readonly kind: 'error'; readonly message: string };

/** What a thread is started with. */
export interface ThreadData<Data> {
  readonly script: string;
  readonly data: Data;
}

/** Thrown by `run` when the job was cancelled, or the pool closed. */
export class JobCancelledError extends Error {
  constructor() {
    super('the job was cancelled');
  }
}

/**
 * A fixed number of worker threads, each running one job at a time. A thread that dies fails its job and is replaced
 * for the next one.
 */
export class WorkerPool<Job, Result, Progress> {
  private readonly idle: Worker[] = [];
  private readonly busy = new Map<Worker, (error: Error) => void>();
  private readonly waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  private readonly script: URL;
  private readonly size: number;
  private readonly data: unknown;
  private closed = false;

  /** `script` calls `serve`; `data` is what `threadData()` returns there; arrays in shared memory are not copied. */
  constructor(script: URL, size: number, data: unknown) {
    this.script = script;
    this.size = size;
    this.data = data;
  }

  /**
   * Waits for a free thread, then for the result.
   * @throws Error with the message of what the job threw; JobCancelledError if it was cancelled meanwhile
   */
  async run(job: Job, onProgress: (progress: Progress) => void = () => {}): Promise<Result> {
    while (!this.closed && this.busy.size >= this.size) {
      await new Promise<void>((resolve, reject) => this.waiting.push({ resolve, reject }));
    }
    if (this.closed) throw new JobCancelledError();
    const worker = this.idle.pop() ?? this.startThread();
    try {
      return await this.converse(worker, job, onProgress);
    } finally {
      this.busy.delete(worker);
      this.waiting.shift()?.resolve();
    }
  }

  /** Stops the jobs that run or wait; they are rejected with JobCancelledError. The pool can be used again. */
  async cancel(): Promise<void> {
    const workers = [...this.busy.keys()];
    for (const reject of this.busy.values()) reject(new JobCancelledError());
    for (const { reject } of this.waiting.splice(0)) reject(new JobCancelledError());
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  /** Cancels all jobs and ends all threads, for good. */
  async close(): Promise<void> {
    this.closed = true;
    await this.cancel();
    await Promise.all(this.idle.splice(0).map((worker) => worker.terminate()));
  }

  private startThread(): Worker {
    const threadData: ThreadData<unknown> = { script: this.script.href, data: this.data };
    return new Worker(new URL('./thread.mjs', import.meta.url), { workerData: threadData });
  }

  private converse(worker: Worker, job: Job, onProgress: (progress: Progress) => void): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const onMessage = (reply: Reply<Result, Progress>) => {
        if (reply.kind === 'progress') return onProgress(reply.progress);
        stopListening();
        this.idle.push(worker);
        if (reply.kind === 'result') resolve(reply.result);
        else reject(new Error(reply.message));
      };
      const onExit = (code: number) => abandon(new Error(`a worker thread ended with code ${code}`));
      const abandon = (error: Error) => {
        stopListening();
        reject(error);
      };
      const stopListening = () => worker.off('message', onMessage).off('error', abandon).off('exit', onExit);
      this.busy.set(worker, abandon);
      worker.on('message', onMessage).on('error', abandon).on('exit', onExit);
      const request: Request<Job> = { job };
      worker.postMessage(request);
    });
  }
}
