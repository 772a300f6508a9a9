import type { ConvolutionShape } from '../operators/convolution.ts';
import { type Register, X, Y } from './assembly.ts';
import { needsCounter } from './groups.ts';
import { requantizeTemporaries } from './requantize.ts';

/** Who lives where while a tile is computed. What found no register is kept in RAM (`spillAddress`). */
export interface ConvolutionRegisters {
  /** Little-endian bytes of each sum. */
  readonly sums: readonly (readonly Register[])[];
  readonly weights: readonly Register[];
  readonly pixel: Register;
  /** The byte that two groups of weights share; the pixel's register where there is none. */
  readonly carry: Register;
  /** The sign of a product, for sums wider than 16 bits. */
  readonly extension?: Register;
  readonly channels?: Register;
  readonly taps?: Register;
  /** Offset of the tile in the row. */
  readonly column?: Register;
  /** The output row, a pair. */
  readonly row?: Register;
  /** A register that takes immediates and is free outside of the taps. */
  readonly high: Register;
  /** Taken when the taps are done, from what the sums leave. */
  readonly outputs: OutputRegisters;
}

export interface OutputRegisters {
  readonly multiplier: readonly Register[];
  readonly temporaries: readonly Register[];
}

export interface Tile {
  /** Output pixels. */
  readonly pixels: number;
  readonly tiles: number;
  readonly registers: ConvolutionRegisters;
  readonly pixelPointer: typeof X | typeof Y;
  readonly windowPointer: typeof X | typeof Y;
  /** Pixels are read with displacement from Y, which does not move within a group. */
  readonly displaced: boolean;
}

const SPILLED = { column: 0, row: 1, channels: 3, taps: 4 } as const;
export const SPILL_BYTES = 5;

export function spillAddress(variable: keyof typeof SPILLED): string {
  return `sparrow_spill + ${SPILLED[variable]}`;
}

/** Registers for a tile of `pixels`, or undefined if the sums do not fit. */
export function allocateTile(shape: ConvolutionShape, pixels: number): Tile | undefined {
  const { kernelWidth, encoding, channels, kernelHeight } = shape;
  const bytes = shape.accumulatorBits / 8;
  const tiles = Math.ceil(shape.columns / pixels);
  if (shape.columns * shape.stride * shape.columnStride > 255 && tiles > 1) return undefined;
  const weights = Array.from({ length: kernelWidth }, (_, tap) => 16 + tap);
  const pixel = 16 + kernelWidth;
  const free = new Set(Array.from({ length: 24 }, (_, index) => index + 2));
  for (const register of [...weights, pixel]) free.delete(register);

  const take = (wanted: (register: Register) => boolean): Register | undefined => {
    const register = [...free].reverse().find(wanted);
    if (register !== undefined) free.delete(register);
    return register;
  };
  const needsCarry = encoding.phases(kernelWidth) > 1 || encoding.name === 's2';
  const carry = needsCarry ? take((register) => register >= 16) : pixel;
  const extension = bytes > 2 ? take((register) => register >= 16) : undefined;
  if (carry === undefined || (bytes > 2 && extension === undefined)) return undefined;
  const sums = takeSums(free, pixels, bytes);
  if (!sums) return undefined;

  const channelCounter = needsCounter(encoding, channels, kernelWidth) ? take(() => true) : undefined;
  const column = tiles > 1 ? take((register) => register >= 16) : undefined;
  const taps = kernelHeight > 1 ? take(() => true) : undefined;
  const row = [24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2].find((low) => free.has(low) && free.has(low + 1));
  const kept = [
    ...sums.flat(),
    ...(column === undefined ? [] : [column]),
    ...(row === undefined ? [] : [row, row + 1]),
  ];
  const outputs = allocateOutputs(shape, kept);
  if (!outputs) return undefined;
  const registers = {
    sums,
    weights,
    pixel,
    carry,
    extension,
    channels: channelCounter,
    taps,
    column,
    row,
    high: 16,
    outputs,
  };
  const span = (pixels - 1) * shape.stride + kernelWidth;
  const displaced = shape.columnStride > 1 && (span - 1) * shape.columnStride < 64;
  return {
    pixels,
    tiles,
    registers,
    pixelPointer: displaced ? Y : X,
    windowPointer: displaced ? X : Y,
    displaced,
  };
}

/** In order of preference: the first temporary has to take immediates. */
const OUTPUT_REGISTERS: readonly Register[] = [
  16, 17, 18, 19, 20, 21, 22, 23, 28, 29, 24, 25, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2,
];

/** Registers for requantisation, or undefined if too few are left. */
function allocateOutputs(shape: ConvolutionShape, kept: readonly Register[]): OutputRegisters | undefined {
  const free = OUTPUT_REGISTERS.filter((register) => !kept.includes(register));
  const [result, ...others] = free;
  const wanted = requantizeTemporaries(shape);
  if (result < 16 || others.length < shape.multiplierBytes + wanted - 1) return undefined;
  const multiplier = others.splice(0, shape.multiplierBytes);
  return { multiplier, temporaries: [result, ...others.slice(0, wanted - 1)] };
}

/** Sums of 16 bits lie in pairs, for movw. Low registers first: the high ones have other uses. */
function takeSums(free: Set<Register>, pixels: number, bytes: number): Register[][] | undefined {
  const sums: Register[][] = [];
  for (let pixel = 0; pixel < pixels; pixel++) {
    const candidates = [...free].sort((a, b) => a - b);
    const sum =
      bytes === 2
        ? candidates.filter((low) => low % 2 === 0 && free.has(low + 1)).map((low) => [low, low + 1])[0]
        : candidates.slice(0, bytes);
    if (!sum || sum.length < bytes) return undefined;
    for (const register of sum) free.delete(register);
    sums.push(sum);
  }
  return sums;
}

/** Cycles of one row of one filter, without the call. */
function rowCycles(shape: ConvolutionShape, { pixels, tiles, registers }: Tile): number {
  const bytes = shape.accumulatorBits / 8;
  const span = (pixels - 1) * shape.stride + shape.kernelWidth;
  const macs = pixels * shape.kernelWidth;
  const spilled = (register: Register | undefined) => (register === undefined ? 4 : 0);
  const group = shape.encoding.loadCycles(shape.kernelWidth) + 2 * span + macs * (bytes === 2 ? 4 : bytes + 3) + 6;
  const row = 10 + shape.channels * (group + spilled(registers.channels)) + spilled(registers.taps);
  return tiles * (shape.kernelHeight * row + pixels * (bytes * 10 + 5) + 30);
}

/** The tile that takes the fewest cycles; undefined if the shape has none (very wide rows). */
export function chooseTile(shape: ConvolutionShape): Tile | undefined {
  let best: { tile: Tile; cycles: number } | undefined;
  for (let pixels = 1; pixels <= Math.min(9, shape.columns); pixels++) {
    const tile = allocateTile(shape, pixels);
    if (!tile) continue;
    const cycles = rowCycles(shape, tile);
    if (!best || cycles < best.cycles) best = { tile, cycles };
  }
  return best?.tile;
}
