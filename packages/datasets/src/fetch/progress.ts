import { SingleBar } from 'cli-progress';

/**
 * A bar on stderr while data is fetched; without a terminal (logs, CI) one line that says what begins.
 *
 * @param title what is done, with its size
 * @param total of the amounts that are reported: bytes, or parts
 * @param work is given the function that reports how much is done
 */
export async function withProgress<T>(
  title: string,
  total: number,
  work: (report: (done: number) => void) => Promise<T>,
): Promise<T> {
  if (process.stderr.isTTY !== true) {
    process.stderr.write(`${title} …\n`);
    return work(() => undefined);
  }
  const bar = new SingleBar({ format: `${title} {bar} {percentage} %`, barsize: 20, hideCursor: true });
  bar.start(total, 0);
  try {
    return await work((done) => bar.update(Math.min(done, total)));
  } finally {
    bar.stop();
  }
}
