import { serve } from '../serve.ts';

/** A worker for tests of the pool: doubles numbers, slowly if asked, and dies or fails on command. */
export type ArithmeticJob = { double: number; waitMilliseconds?: number } | { fail: string } | { die: true };

serve<ArithmeticJob, number, number>(async (job, onProgress) => {
  if ('fail' in job) throw new Error(job.fail);
  if ('die' in job) process.exit(3);
  onProgress(0.5);
  await new Promise((resolve) => setTimeout(resolve, job.waitMilliseconds ?? 0));
  return 2 * job.double;
});
