import { setTimeout as sleep } from 'node:timers/promises';
import { SerialPort } from 'serialport';
import { noticeHangUp } from './hang-up.ts';
import { explainOpening } from './port-errors.ts';

/** How long DTR is let go: an Uno's capacitor makes a pulse of its rise. The same times as avrdude's. */
const RESET_LOW_MILLISECONDS = 250;
const RESET_HIGH_MILLISECONDS = 50;

/** A port that does not close by then (its last bytes cannot go anywhere) is left to the end of the process. */
const CLOSING_MILLISECONDS = 1000;

/** A serial port that is open, 8N1, with what serialport leaves to its users: clear errors, reset, and a cable that is pulled. */
export class SerialLine {
  readonly path: string;
  /** Called with what arrives. */
  onData: (bytes: Uint8Array) => void = () => {};
  /** Called once, when the port has gone. */
  onLost: () => void = () => {};
  /** Set when the port has gone while it was in use. */
  lost: Error | undefined;
  private port: SerialPort;

  private constructor(port: SerialPort) {
    this.path = port.path;
    this.port = port;
    this.attach();
  }

  /** @throws Error in one line: no such port, no permission, busy */
  static async open(path: string, baudRate: number): Promise<SerialLine> {
    return new SerialLine(await openPort(path, baudRate));
  }

  /** @throws Error if the port has gone */
  write(bytes: Uint8Array): void {
    if (this.lost) throw this.lost;
    this.port.write(Buffer.from(bytes));
  }

  async setBaudRate(baudRate: number): Promise<void> {
    if (this.lost) throw this.lost;
    await promised((done) => this.port.update({ baudRate }, done));
  }

  /** Resets the board by DTR. A pseudo-terminal has no such line: opening it anew is what its other end can see. */
  async reset(): Promise<void> {
    if (this.lost) throw this.lost;
    try {
      await promised((done) => this.port.set({ dtr: false, rts: false }, done));
    } catch {
      return this.lend(async () => {});
    }
    await sleep(RESET_LOW_MILLISECONDS);
    await promised((done) => this.port.set({ dtr: true, rts: true }, done));
    await sleep(RESET_HIGH_MILLISECONDS);
  }

  /** Closes the port while another program uses it. */
  async lend(use: () => Promise<void>): Promise<void> {
    const { baudRate } = this.port;
    await this.close();
    await use();
    this.port = await openPort(this.path, baudRate);
    this.attach();
  }

  async close(): Promise<void> {
    this.port.removeAllListeners('close');
    if (!this.port.isOpen) return;
    const closed = promised((done) => this.port.close(done)).catch(() => {});
    await Promise.race([closed, sleep(CLOSING_MILLISECONDS, undefined, { ref: false })]);
  }

  private attach(): void {
    this.port.on('data', (bytes: Buffer) => this.onData(bytes));
    this.port.on('error', () => this.lose());
    this.port.once('close', () => this.lose());
  }

  private lose(): void {
    if (this.lost) return;
    this.lost = new Error(`the board at ${this.path} was unplugged`);
    void this.close();
    this.onLost();
  }
}

async function openPort(path: string, baudRate: number): Promise<SerialPort> {
  const port = new SerialPort({ path, baudRate, autoOpen: false });
  try {
    await promised((done) => port.open(done));
  } catch (error) {
    throw await explainOpening(path, error instanceof Error ? error.message : String(error));
  }
  noticeHangUp(port);
  return port;
}

function promised(call: (done: (error: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => call((error) => (error ? reject(error) : resolve())));
}
