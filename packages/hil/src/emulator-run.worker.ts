import { parentPort, workerData } from 'node:worker_threads';
import { runShare, type Share } from './emulator-run.ts';

/** One of `runOnEmulator`'s threads. */
const report = await runShare(workerData as Share);
parentPort?.postMessage(report);
