import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Model } from '@sparrow/model';
import type { Firmware } from './build.ts';
import { COUNTERS, createRunRecord, runImages, type ChipRun, type RunRecord } from './chip-run.ts';
import { createAvr8jsDevice } from './avr8js-device.ts';
import type { ExecutorName } from './emulator/chip.ts';
import { checkRam } from './fit.ts';

export interface RunOptions {
  /** Threads, each with a chip of its own; default: one a core. With 1, or few images, all runs in the caller's thread. */
  readonly jobs?: number;
  /** Default: `translated`. */
  readonly executor?: ExecutorName;
  /** Called a few times a second, and at the end. */
  readonly onProgress?: (imagesDone: number) => void;
  readonly signal?: AbortSignal;
}

/** What one chip reports after its share: `failure` is why it gave up. */
export interface ShareReport {
  readonly stackBytes: number;
  readonly paintedStackBytes?: number;
  readonly failure?: string;
}

export interface Share {
  readonly firmware: Firmware;
  readonly model: Model;
  readonly images: Uint8Array;
  readonly record: RunRecord;
  readonly executor: ExecutorName | undefined;
}

/** A thread takes about as long to start as this many images take. */
const FEWEST_IMAGES_A_THREAD = 32;
const PROGRESS_INTERVAL_MILLISECONDS = 100;

/**
 * Runs `count` images, concatenated in `images`, on emulated chips.
 *
 * @throws DoesNotFitError if static data and the peak of the stack together are larger than the RAM
 * @throws Error if the firmware crashes, or the painted stack disagrees with the stack pointer
 */
export async function runOnEmulator(
  firmware: Firmware,
  model: Model,
  images: Uint8Array,
  count: number,
  options: RunOptions = {},
): Promise<ChipRun> {
  const { executor } = options;
  const record = createRunRecord(count);
  const jobs = Math.min(options.jobs ?? availableParallelism(), Math.ceil(count / FEWEST_IMAGES_A_THREAD));
  const share: Share = { firmware, model, images: jobs > 1 ? toShared(images) : images, record, executor };
  const reports = await withProgress(record, options, () =>
    jobs > 1
      ? Promise.all(Array.from({ length: jobs }, () => runInThread(share, options.signal)))
      : runShare(share, () => pause(options.signal)).then((report) => [report]),
  );
  checkReports(reports, firmware);
  return {
    predictions: record.predictions,
    cycles: record.cycles,
    mismatchedLogits: record.counters[COUNTERS.mismatched],
    stackBytes: Math.max(...reports.map((report) => report.stackBytes)),
  };
}

/** One chip's part of the work: as many images as it gets hold of. */
export async function runShare(
  { firmware, model, images, record, executor }: Share,
  pause?: () => Promise<unknown>,
): Promise<ShareReport> {
  const device = createAvr8jsDevice(firmware, { executor });
  try {
    await runImages(device, model, images, record, pause);
    const paintedStackBytes = await device.paintedStackBytes();
    return { stackBytes: device.stackBytes(), paintedStackBytes };
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') throw error;
    return { stackBytes: device.stackBytes(), failure: error instanceof Error ? error.message : String(error) };
  }
}

function runInThread(share: Share, signal: AbortSignal | undefined): Promise<ShareReport> {
  const worker = new Worker(new URL('./emulator-run.worker.mjs', import.meta.url), { workerData: share });
  const abort = (): void => void worker.terminate();
  signal?.addEventListener('abort', abort);
  return new Promise<ShareReport>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('an emulator thread ended early')));
  })
    .catch((error: unknown) => {
      signal?.throwIfAborted();
      throw error;
    })
    .finally(() => signal?.removeEventListener('abort', abort));
}

/** A stack that ran into static data explains every other complaint, so it comes first. */
function checkReports(reports: readonly ShareReport[], firmware: Firmware): void {
  for (const { stackBytes } of reports) checkRam(firmware.staticRamBytes, stackBytes, firmware.largestBuffer);
  for (const { stackBytes, paintedStackBytes, failure } of reports) {
    if (failure !== undefined) throw new Error(failure);
    if (paintedStackBytes !== stackBytes) {
      throw new Error(
        `the painted stack shows ${paintedStackBytes} B, the emulator's stack pointer ${stackBytes} B: a function reserves stack that it does not write`,
      );
    }
  }
}

async function withProgress<Result>(
  record: RunRecord,
  { onProgress }: RunOptions,
  work: () => Promise<Result>,
): Promise<Result> {
  const report = (): void => onProgress?.(Atomics.load(record.counters, COUNTERS.done));
  const timer = setInterval(report, PROGRESS_INTERVAL_MILLISECONDS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    report();
  }
}

async function pause(signal: AbortSignal | undefined): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}

function toShared(bytes: Uint8Array): Uint8Array {
  if (bytes.buffer instanceof SharedArrayBuffer) return bytes;
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return shared;
}
