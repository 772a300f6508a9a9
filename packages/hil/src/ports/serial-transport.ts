import type { Patience } from '../exchange.ts';
import type { Transport } from '../protocol-device.ts';
import type { SerialLine } from './serial-line.ts';

/** More than a USB adapter (16 ms) and a busy host take for a question and its answer. */
const SHORT_MILLISECONDS = 300;
/** On top of a row's computation. */
const MARGIN_MILLISECONDS = 400;

/** A chip that talks on may be talking of something else: patience is counted from the question, whatever is heard meanwhile. */
export function serialTransport(line: SerialLine, rowMilliseconds: number): Transport {
  const patience: Record<Patience, number> = { short: SHORT_MILLISECONDS, long: rowMilliseconds + MARGIN_MILLISECONDS };
  let heard = (): void => {};
  const transport: Transport = {
    name: line.path,
    onByte: () => {},
    send: (bytes) => line.write(bytes),
    listen: (done, kind) =>
      new Promise((resolve, reject) => {
        const finish = (): void => {
          clearTimeout(timer);
          heard = () => {};
          if (line.lost) reject(line.lost);
          else resolve(done());
        };
        const timer = setTimeout(finish, patience[kind]);
        heard = () => {
          if (done() || line.lost) finish();
        };
        heard();
      }),
    now: () => performance.now(),
    close: () => line.close(),
  };
  line.onLost = () => heard();
  line.onData = (bytes) => {
    for (const byte of bytes) transport.onByte(byte);
    heard();
  };
  return transport;
}
