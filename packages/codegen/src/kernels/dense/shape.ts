import type { AccumulatorBits, Requantization } from '@sparrow/model';
import type { DenseEncoding } from '../../encodings/index.ts';
import type { BiasLayout } from '../../biases.ts';
import type { RequantizeShape } from '../requantize.ts';

/** Where the values of an input row lie: `planes` runs of `values` bytes, from one to the next `stride`. */
export interface RowPlanes {
  readonly planes: number;
  readonly values: number;
  readonly stride: number;
}

/** All that a dense layer's kernel is specialised to. */
export interface DenseShape extends RowPlanes {
  readonly layerName: string;
  readonly units: number;
  /** Rows of the input. With one, sums never leave the registers; with more, they grow in RAM. */
  readonly rows: number;
  readonly accumulatorBits: AccumulatorBits;
  readonly range: RequantizeShape['range'];
  /** Bytes of a sum in RAM; the logits always have 4. */
  readonly storedBytes: 2 | 3 | 4;
  /** Where sums are in RAM, as an expression of the assembler. */
  readonly sums: string;
  /** Absent for the logits. */
  readonly requantization?: Requantization;
  readonly bias: BiasLayout;
  readonly multiplierBytes: 1 | 2;
  /** Bytes from one activation to the next. */
  readonly outputStride: number;
}

/** Units that are computed side by side, and how their weights lie in flash. */
export interface DenseTile {
  readonly encoding: DenseEncoding;
  readonly units: number;
  /** How often the loop over values is unrolled beyond what the encoding needs. */
  readonly unrolled: 1 | 2 | 4;
}

export function sumBytes({ accumulatorBits }: DenseShape): number {
  return accumulatorBits / 8;
}

/** Bytes of the weights of one plane for one tile. */
export function planeBytes({ values }: DenseShape, { encoding, units }: DenseTile): number {
  return encoding.pack(new Array<number>(values * units).fill(0), 1).length;
}

/** Bytes of the weights of one row for one tile. */
export function tileBytes(shape: DenseShape, tile: DenseTile): number {
  return shape.planes * planeBytes(shape, tile);
}

/** Sizes of tiles that differ by one at most. */
export function tileSizes(units: number, largest: number): number[] {
  const tiles = Math.ceil(units / largest);
  return Array.from({ length: tiles }, (_, tile) => Math.floor((units + tiles - 1 - tile) / tiles));
}

/** Tiles of equal size that follow each other. */
export function tileRuns(sizes: readonly number[]): { readonly units: number; readonly count: number }[] {
  return [...new Set(sizes)].map((units) => ({ units, count: sizes.filter((size) => size === units).length }));
}
