/**
 * One of `runOnEmulator`'s threads. Plain JavaScript, because Node 20's threads do not take `--import tsx`: a thread that
 * runs TypeScript registers tsx itself.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
const { runShare } = await import('./emulator-run.ts');
parentPort.postMessage(await runShare(workerData));
