import { seededRandom, type Random } from '@sparrow/model';

/** What can happen to a byte on the line, in either direction. */
export const FAULTS = {
  flip: 'one of its bits is inverted',
  drop: 'it is lost',
  double: 'it arrives twice',
  delay: 'it and what follows arrive 200 ms later',
  stop: 'it and what follows for a second are lost: a stop in mid-frame',
  cut: 'the cable is pulled out, and plugged in again a second later',
} as const;
export type FaultName = keyof typeof FAULTS;
const NAMES = Object.keys(FAULTS) as FaultName[];

const DELAY_MILLISECONDS = 200;
const STOP_MILLISECONDS = 1000;

export interface FaultOptions extends Partial<Readonly<Record<FaultName, number>>> {
  /** Also while the bootloader runs; default: false, so that flashing succeeds. */
  readonly inBootloader?: boolean;
}

/**
 * `flip=0.01,cut=1e-5`: probabilities a byte.
 *
 * @throws Error in one line that names the part that is none
 */
export function parseFaults(text: string): FaultOptions {
  const faults: Partial<Record<FaultName, number>> = {};
  for (const part of text.split(',')) {
    const [name, value] = part.split('=');
    const probability = value?.trim() === '' ? NaN : Number(value);
    if (!isFault(name) || !(probability >= 0 && probability <= 1)) {
      throw new Error(`'${part}' is not one of ${NAMES.join(', ')} with a probability a byte, as in flip=0.001`);
    }
    faults[name] = probability;
  }
  return faults;
}

function isFault(name: string): name is FaultName {
  return (NAMES as string[]).includes(name);
}

export type FaultCounts = Record<FaultName, number>;

export const noFaults = (): FaultCounts => ({ flip: 0, drop: 0, double: 0, delay: 0, stop: 0, cut: 0 });

interface HeldByte {
  readonly byte: number;
  /** In milliseconds, as `now` gives them. */
  readonly due: number;
}

/** One direction of a line on which the faults happen. The same seed and bytes give the same faults. */
export class FaultyLine {
  private readonly faults: FaultOptions;
  private readonly counts: FaultCounts;
  private readonly random: Random;
  private readonly now: () => number;
  private readonly held: HeldByte[] = [];
  private heldUntil = 0;
  private silentUntil = 0;

  /** `counts`: each fault that happens is counted there. */
  constructor(faults: FaultOptions, counts: FaultCounts, seed: number, now: () => number = () => performance.now()) {
    this.faults = faults;
    this.counts = counts;
    this.random = seededRandom(seed);
    this.now = now;
  }

  /** Sends bytes. `spared`: without new faults. */
  push(bytes: Uint8Array, spared: boolean): void {
    for (const byte of bytes) {
      const fault = spared ? undefined : this.draw();
      if (fault !== undefined) this.counts[fault]++;
      this.pass(byte, fault);
    }
  }

  /** What has arrived. */
  take(): Uint8Array {
    const now = this.now();
    const arrived = this.held.findIndex(({ due }) => due > now);
    return Uint8Array.from(this.held.splice(0, arrived < 0 ? this.held.length : arrived), ({ byte }) => byte);
  }

  /** What is on its way is lost. */
  clear(): void {
    this.held.length = 0;
    this.heldUntil = 0;
    this.silentUntil = 0;
  }

  private draw(): FaultName | undefined {
    let rest = this.random();
    return NAMES.find((name) => (rest -= this.faults[name] ?? 0) < 0);
  }

  private pass(byte: number, fault: FaultName | undefined): void {
    const now = this.now();
    if (fault === 'stop') this.silentUntil = now + STOP_MILLISECONDS;
    if (fault === 'delay') this.heldUntil = now + DELAY_MILLISECONDS;
    if (fault === 'drop' || fault === 'cut' || now < this.silentUntil) return;
    const arriving = fault === 'flip' ? byte ^ (1 << Math.floor(8 * this.random())) : byte;
    const copies = fault === 'double' ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) this.held.push({ byte: arriving, due: Math.max(now, this.heldUntil) });
  }
}
