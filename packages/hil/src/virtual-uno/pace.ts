import { CLOCK_HZ } from '../emulator/memory-map.ts';
import type { BootableChip } from '../emulator/bootable-chip.ts';
import type { Line } from './line.ts';

/** Time that a process did not get from its machine, beyond this, is none for the chip either. */
const LONGEST_ELAPSED_MILLISECONDS = 50;
/** How long the chip executes before the host's programs in the same process get their turn. */
const TURN_MILLISECONDS = 5;
const FAST_RUN_CYCLES = 50_000;

/**
 * A board's program starts 1.4 s after the port was opened, if the host is silent: the bootloader flashes its LED, then listens for a second.
 * The flashes take no time here, so the second takes as much longer.
 */
const LISTENING_SPEED = 1 / 1.375;

/** Executes what the chip has to execute by now. */
export interface Pace {
  /** The chip has been reset or the port opened: time begins anew. */
  start(): void;
  /** @returns milliseconds after which the next turn is due, if nothing happens before */
  turn(): number;
}

/** The chip's clock follows the wall clock: 16 MHz. */
export function realPace(chip: BootableChip, line: Line): Pace {
  const elapsed = stopwatch();
  return {
    start: () => void elapsed(),
    turn() {
      const target = chip.cycles + elapsed();
      while (chip.cycles < target) {
        chip.run(Math.min(target, Math.max(line.nextArrival, chip.cycles + 1)));
        line.deliver();
      }
      return 1;
    },
  };
}

/**
 * The chip executes as fast as this machine can, but waits for the host in the host's time: what the bootloader waits for a character
 * takes as long as on a board, so that its time-out means the same to the host.
 */
export function fastPace(chip: BootableChip): Pace {
  const elapsed = stopwatch();
  return {
    start: () => void elapsed(),
    turn() {
      const waited = elapsed();
      if (chip.run(chip.cycles + FAST_RUN_CYCLES, true)) chip.run(chip.cycles + Math.round(LISTENING_SPEED * waited));
      const deadline = performance.now() + TURN_MILLISECONDS;
      while (!chip.run(chip.cycles + FAST_RUN_CYCLES, true)) {
        if (performance.now() > deadline) return 0;
      }
      void elapsed();
      return TURN_MILLISECONDS;
    },
  };
}

/** Cycles, whole ones, of the time since it was asked last. */
function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const now = performance.now();
    const milliseconds = Math.min(now - last, LONGEST_ELAPSED_MILLISECONDS);
    last = now;
    return Math.round((milliseconds * CLOCK_HZ) / 1000);
  };
}
