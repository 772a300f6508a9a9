/** AVR registers by number. r0 and r1 hold products, r26/27 are X, r28/29 Y, r30/31 Z. */
export type Register = number;

export const PRODUCT_LOW: Register = 0;
export const PRODUCT_HIGH: Register = 1;
export const X: Register = 26;
export const Y: Register = 28;
export const Z: Register = 30;

/** `mulsu` takes its factors from r16 up to here (AVR instruction set manual). */
export const LAST_SIGNED_FACTOR: Register = 23;

export const r = (register: Register): string => `r${register}`;

/** Takes registers out of a set; what is not there any more is `undefined`. */
export class RegisterPool {
  private readonly free: Set<Register>;

  constructor(registers: Iterable<Register>) {
    this.free = new Set(registers);
  }

  /** The highest free one among `from` … `to`. */
  take(from: Register = 2, to: Register = 29): Register | undefined {
    const register = [...this.free]
      .filter((candidate) => candidate >= from && candidate <= to)
      .sort((a, b) => b - a)[0];
    if (register !== undefined) this.free.delete(register);
    return register;
  }

  /** The lowest free ones: the high ones have other uses. */
  takeLow(count: number): Register[] | undefined {
    const registers = [...this.free].sort((a, b) => a - b).slice(0, count);
    if (registers.length < count) return undefined;
    for (const register of registers) this.free.delete(register);
    return registers;
  }

  /** Two neighbours for `movw`, the lower one even; the lowest, or the highest pair that is free. */
  takePair(order: 'low' | 'high' = 'high'): Register | undefined {
    const pairs = [...this.free].filter((low) => low % 2 === 0 && this.free.has(low + 1)).sort((a, b) => a - b);
    const pair = order === 'low' ? pairs[0] : pairs[pairs.length - 1];
    if (pair !== undefined) for (const register of [pair, pair + 1]) this.free.delete(register);
    return pair;
  }

  /** The lowest one whose neighbour is taken already; the upper half of the highest pair if there is none. */
  takeLeftOver(): Register | undefined {
    const sorted = this.remaining();
    const alone = sorted.find((register) => !this.free.has(register ^ 1));
    const register = alone ?? sorted[sorted.length - 1];
    if (register !== undefined) this.free.delete(register);
    return register;
  }

  takeThis(register: Register): boolean {
    return this.free.delete(register);
  }

  give(register: Register): void {
    this.free.add(register);
  }

  remaining(): Register[] {
    return [...this.free].sort((a, b) => a - b);
  }
}
