/**
 * How the weights of a layer lie in flash. A *run* is what a kernel reads in one go: groups of `groupSize` weights, one
 * group for each input channel (the taps of a kernel's row) or input value (the units of a dense tile).
 */
export interface Encoding {
  /** Part of the kernels' names. */
  readonly name: 's8' | 's4' | 's2';
  pack(run: readonly number[], groupSize: number): number[];
  /** C expression of weight `tap` of group `group` of the run at `run` (pointers into flash). */
  weight(run: string, group: string, tap: string, groups: number, groupSize: number): string;
  /** C helpers that `weight` calls. */
  readonly helpers: string;
}

/** Little-endian two's complement. */
export function littleEndian(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, index) => Math.floor(value / 2 ** (8 * index)) & 0xff);
}
