import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import type { EmulatedChip } from '../emulator/chip.ts';

/** A serial port that is not there: what is written to `path` is received here, and the other way round. */
export interface PseudoTerminal {
  readonly path: string;
  onData: (bytes: Uint8Array) => void;
  write(bytes: Uint8Array): void;
  close(): Promise<void>;
}

/** util-linux' `script` holds the terminal's other end; it is part of every Linux and passes bytes on as they are in raw mode. */
export async function openPseudoTerminal(): Promise<PseudoTerminal> {
  const script = spawn('script', ['-qfc', 'stty raw -echo; tty; exec sleep 600', '/dev/null'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const [greeting] = (await once(script.stdout, 'data')) as [Buffer];
  const terminal: PseudoTerminal = {
    path: greeting.toString().trim(),
    onData: () => {},
    write: (bytes) => void script.stdin.write(bytes),
    close: async () => {
      script.kill();
      await once(script, 'exit');
    },
  };
  script.stdout.on('data', (bytes: Buffer) => terminal.onData(bytes));
  return terminal;
}

const SLICE_CYCLES = 20_000;
/** As long as the chip may compute before it answers: 5 million cycles. */
const IDLE_SLICES = 250;

/** Puts a chip at the other end of the terminal: it runs, a slice at a time, as long as it is spoken to. */
export function attachChip(chip: EmulatedChip, terminal: PseudoTerminal): void {
  let slicesLeft = 0;
  let running = false;
  const output: number[] = [];
  const run = async (): Promise<void> => {
    running = true;
    for (; slicesLeft > 0; slicesLeft--) {
      const end = chip.cycles + SLICE_CYCLES;
      while (chip.cycles < end) runFor(chip, end - chip.cycles);
      if (output.length > 0) {
        terminal.write(Uint8Array.from(output.splice(0)));
        slicesLeft = IDLE_SLICES;
      }
      await setImmediate();
    }
    running = false;
  };
  chip.serialFromChip = (byte) => output.push(byte);
  terminal.onData = (bytes) => {
    chip.sendToChip(bytes);
    slicesLeft = IDLE_SLICES;
    if (!running) void run();
  };
}

function runFor(chip: EmulatedChip, cycles: number): void {
  const end = chip.cycles + cycles;
  try {
    chip.run(() => chip.cycles >= end, cycles);
  } catch {
    // `run` complains about what is wanted here: that the time has passed.
  }
}
