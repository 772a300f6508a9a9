import type { Uart } from '../emulator/uart.ts';
import { CLOCK_HZ } from '../emulator/memory-map.ts';
import { charactersHeard } from './resample.ts';

const BITS_PER_FRAME = 10;

/** A frame on its way to the chip. */
interface Frame {
  readonly byte: number;
  readonly baudRate: number;
  /** Of its stop bit. */
  readonly arrivalCycle: number;
}

/** The chip's end of the line. */
export interface LineEnd {
  readonly cycles: number;
  readonly uart: Uart;
}

/**
 * The line from host to chip. Paced, a frame takes its ten bits at the host's baud rate, whether the chip is ready for it or not; else the
 * line waits for the chip.
 */
export class Line {
  private readonly frames: Frame[] = [];
  private readonly chip: LineEnd;
  private readonly paced: boolean;
  private freeFromCycle = 0;

  constructor(chip: LineEnd, paced: boolean) {
    this.chip = chip;
    this.paced = paced;
  }

  /** Cycle at which the chip has to be given the next frame. */
  get nextArrival(): number {
    return this.paced ? (this.frames[0]?.arrivalCycle ?? Infinity) : Infinity;
  }

  /** `baudRate`: the host's; at 0 the line is hung up. */
  send(bytes: Uint8Array, baudRate: number): void {
    if (baudRate === 0) return;
    const frameCycles = Math.round((BITS_PER_FRAME * CLOCK_HZ) / baudRate);
    for (const byte of bytes) {
      this.freeFromCycle = Math.max(this.freeFromCycle, this.chip.cycles) + frameCycles;
      this.frames.push({ byte, baudRate, arrivalCycle: this.freeFromCycle });
    }
    this.deliver();
  }

  /** Gives the chip what has arrived, or what it is ready for. */
  deliver(): void {
    while (this.frames.length > 0 && this.isDue(this.frames[0])) {
      const { byte, baudRate } = this.frames.shift() as Frame;
      const { uart } = this.chip;
      for (const character of charactersHeard(byte, baudRate, uart.baudRate)) uart.receive(character);
    }
  }

  /** What is on its way is lost. */
  clear(): void {
    this.frames.length = 0;
    this.freeFromCycle = 0;
  }

  private isDue({ arrivalCycle }: Frame): boolean {
    return this.paced ? arrivalCycle <= this.chip.cycles : this.chip.uart.isReady;
  }
}
