/** A thread of the benchmark. Plain JavaScript, because Node 20's threads do not take `--import tsx`. */
import { parentPort, workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
const { measureThroughput } = await import('./throughput.ts');
parentPort.postMessage(await measureThroughput(workerData));
