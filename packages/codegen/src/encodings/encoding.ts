import type { WeightBits } from '@sparrow/model';
import type { Assembly, Environment } from '../assembly/assembly.ts';
import type { Register } from '../assembly/registers.ts';

/**
 * All weights of a layer, zeros too, lie in flash side by side. A *run* is what a kernel reads in one go: groups of `groupSize` weights, one
 * group for each input channel (the taps of a kernel's row) or input value (the units of a dense tile).
 *
 * Where groups are not whole bytes, a kernel's loop is unrolled to `phases` groups, which are. A run of any other length
 * starts in the middle of that cycle: it is packed as if preceded by the missing groups, without their whole bytes.
 */
export interface DenseEncoding {
  readonly kind: 'dense';
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
  /** Loads the weights of one group from Z, with the offset. Returns where they are: in `weights`, but for one that may be left in `carry`. */
  load(assembly: Assembly, phase: number, weights: readonly Register[], carry: Register): readonly Register[];
  /** Before entering the loop at `phase`: loads the byte that the group before would have left in `carry`. */
  enter(assembly: Assembly, phase: number, groupSize: number, carry: Register): void;
}

/** A weight other than 0, and its place: bytes from the pixel under the one before, or from the beginning of the row of taps. */
export interface SparseEntry {
  readonly distance: number;
  readonly weight: number;
}

/** How far one weight of a pair is from the other. */
export type Gap = 1 | 2;

/** What is done to the sums of a tile with the pixels that Y points at. */
export interface SparseOperations {
  /** `sums += weight · pixels`, signed; undefined for sums of more than 16 bits, which would need the product's sign. */
  readonly multiplyAccumulate?: (weight: Register) => void;
  /** The same, and with the other weight those `gap` bytes further; where pixels are neighbours, which are loaded once for both. */
  readonly multiplyAccumulatePair?: (weight: Register, other: Register, gap: Gap) => void;
  /** Moves Y back to where the run began. */
  readonly restart?: () => void;
  /** `sums ± weight · pixels`, unsigned. */
  multiplyAdd(weight: Register): void;
  multiplySubtract(weight: Register): void;
  /** `sums ± pixels` */
  add(): void;
  subtract(): void;
}

export interface SparseRegisters {
  /** From r16 to r23. */
  readonly weight: Register;
  readonly pair: Register;
  /** Free between pixels; from r16 up. */
  readonly pixel: Register;
  /** Holds 0. */
  readonly zero: Register;
  /** Of rounds or entries. */
  readonly counter: Register;
}

/** How the signs of some weights follow each other. */
export interface Signs {
  /** From one sign to the other, beginning with those that are not negative. */
  readonly changes: number;
  readonly negatives: number;
  /** 1 if the last one is not negative, else 0. */
  readonly endsPlus: number;
}

export function signsOf(weights: readonly number[]): Signs {
  const signs = weights.map((weight) => (weight < 0 ? 1 : 0));
  return {
    changes: signs.filter((sign, index) => sign !== (signs[index - 1] ?? 0)).length,
    negatives: signs.filter((sign) => sign === 1).length,
    endsPlus: signs[signs.length - 1] === 0 ? 1 : 0,
  };
}

/** What a run of a sparse layer is in flash. */
export interface PackedRun {
  /** First what tells how long it is. */
  readonly bytes: readonly number[];
  readonly rounds: number;
  /** Of all entries, those that fill gaps included. */
  readonly signs: Signs;
  readonly entries: number;
  /** Before these entries: of weights at neighbouring pixels, and of those with a pixel between them. */
  readonly pairs?: Readonly<Record<Gap, number>>;
}

/** From 0 to 1; in a layer that skips rows of taps it depends on the iteration. */
export type Share = (environment: Environment) => number;

/** The mean over filters, and over the rows of taps inside of the image. */
export type MeanOver = (value: (run: PackedRun) => number) => (environment: Environment) => number;

/** Only weights other than 0 lie in flash, and where they are: a run is a byte that tells its length, then its entries. */
export interface SparseEncoding {
  readonly kind: 'sparse';
  readonly name: string;
  readonly weightBits: WeightBits;
  readonly usesPair: boolean;
  /** Needs `multiplyAccumulatePair` and `restart`. */
  readonly usesNeighbours: boolean;
  /** The counter has to be one of the registers from r16 up. */
  readonly highCounter: boolean;
  /** Undefined if it cannot hold the run. */
  pack(run: readonly SparseEntry[]): PackedRun | undefined;
  /** C statements that add the run at `run` to `sum` (and move `run` on), with `pixels` at the first pixel of the row. */
  readonly twin: string;
  /** C expression: bytes of the run at the pointer `run`. */
  runBytes(run: string): string;
  /** Moves Z, which is behind a run's first byte, behind the run; the byte is in `count`. `scratch`: from r16 up. */
  pass(assembly: Assembly, count: Register, scratch: Register): void;
  /** All entries of the run at Z: moves Y from weight to weight. */
  emitRun(assembly: Assembly, registers: SparseRegisters, operations: SparseOperations, meanOver: MeanOver): void;
}

/** How the weights of a layer lie in flash. */
export type Encoding = DenseEncoding | SparseEncoding;

/** Little-endian two's complement. */
export function littleEndian(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, index) => Math.floor(value / 2 ** (8 * index)) & 0xff);
}

/** Weights of the groups that are missing before a run, as far as they share a byte with it. */
export function weightsBefore(weights: number, perByte: number): number {
  return (perByte - (weights % perByte)) % perByte;
}
