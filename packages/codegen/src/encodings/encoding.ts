import type { WeightBits } from '@sparrow/model';
import type { Assembly } from '../assembly/assembly.ts';
import type { Register } from '../assembly/registers.ts';

/**
 * How the weights of a layer lie in flash. A *run* is what a kernel reads in one go: groups of `groupSize` weights, one
 * group for each input channel (the taps of a kernel's row) or input value (the units of a dense tile).
 *
 * Where groups are not whole bytes, a kernel's loop is unrolled to `phases` groups, which are. A run of any other length
 * starts in the middle of that cycle: it is packed as if preceded by the missing groups, without their whole bytes.
 */
export interface Encoding {
  /** Part of the kernels' names. */
  readonly name: string;
  readonly weightBits: WeightBits;
  /**
   * What is added to a weight in flash; 0 for weights that are loaded signed. With it they are unsigned, and so are their
   * products, which sums of more than 16 bits need no sign extension for; kernels take `offset · Σx` away again.
   */
  readonly offset: number;
  phases(groupSize: number): number;
  pack(run: readonly number[], groupSize: number): number[];
  /** C expression of weight `tap` of group `group` of the run at `run` (pointers into flash), without the offset. */
  weight(run: string, group: string, tap: string, groups: number, groupSize: number): string;
  /** C helpers that `weight` calls. */
  readonly helpers: string;
  /** Whether loads need a register from r16 up that keeps its value from group to group. */
  needsCarry(groupSize: number): boolean;
  /** Whether weights are loaded to registers from r16 up only. */
  readonly immediate: boolean;
  /** Loads the weights of one group from Z, with the offset. */
  load(assembly: Assembly, phase: number, weights: readonly Register[], carry: Register): void;
  /** Before entering the loop at `phase`: loads the byte that the group before would have left in `carry`. */
  enter(assembly: Assembly, phase: number, groupSize: number, carry: Register): void;
}

/** Little-endian two's complement. */
export function littleEndian(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, index) => Math.floor(value / 2 ** (8 * index)) & 0xff);
}

/** Weights of the groups that are missing before a run, as far as they share a byte with it. */
export function weightsBefore(weights: number, perByte: number): number {
  return (perByte - (weights % perByte)) % perByte;
}
