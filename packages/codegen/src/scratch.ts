/** RAM that a step uses while it runs: all steps share it. */
export const SCRATCH = 'sparrow_scratch';

/** Gives out addresses; a step starts with an empty one. */
export class Scratch {
  bytes = 0;

  /** The address of `bytes` bytes, as an expression of the assembler. */
  take(bytes: number): string {
    const address = this.bytes === 0 ? SCRATCH : `${SCRATCH} + ${this.bytes}`;
    this.bytes += bytes;
    return address;
  }
}
