/**
 * The start of every thread of `WorkerPool`. Plain JavaScript, because Node 20's threads do not take `--import tsx`: a
 * thread that runs TypeScript registers tsx itself.
 */
import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
await import(workerData.script);
