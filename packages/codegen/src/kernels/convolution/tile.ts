import type { Counter } from '../../assembly/assembly.ts';
import { type Register, RegisterPool, X, Y } from '../../assembly/registers.ts';
import type { Scratch } from '../../scratch.ts';
import type { DenseEncoding, SparseEncoding } from '../../encodings/index.ts';
import { needsCounter } from '../groups.ts';
import { type RequantizeRegisters, requantizeTemporaries } from '../requantize.ts';
import { type ConvolutionShape, type FilterLayout } from './shape.ts';
import { type TileRun, tileRun } from './tile-run.ts';

/** Choices in which kernels of one shape differ. */
export interface TileChoice extends FilterLayout {
  /** Output pixels of each filter. */
  readonly pixels: number;
  /** The loop over the rows of the window is unrolled. */
  readonly unrolled: boolean;
  /** How often the loop over input channels is unrolled beyond what the encoding needs. */
  readonly channelsUnrolled: 1 | 2 | 4;
  /** Products of negative weights are subtracted instead of extended. */
  readonly bySign: boolean;
  /** Pixels are read at displacements from Y, which moves only once a round of the loop over channels. */
  readonly displaced: boolean;
}

/** GPIOR1 and GPIOR2 hold what a program likes (datasheet, section 8.5), and `in` and `out` take half the time of `lds` and `sts`. */
const GENERAL_PURPOSE_IO = [0x2a, 0x2b] as const;

/** Where an address lives as long as a step runs: in registers, or in I/O registers. */
export type RowPlace = { readonly registers: readonly Register[] } | { readonly io: readonly number[] };

/** Where the offset of a channel lives; `written`: nowhere, as the window's pointers move from channel to channel themselves, in RAM. */
export type ChannelPlace =
  | { readonly registers: readonly Register[] }
  | { readonly address: string; readonly bytes: 1 | 2 }
  | { readonly written: true }
  | { readonly nowhere: true };

/** Who lives where while a tile is computed. */
export interface TileRegisters {
  /** Little-endian bytes of each sum, by filter and pixel. */
  readonly sums: readonly (readonly (readonly Register[])[])[];
  readonly weights: readonly Register[];
  readonly pixel: Register;
  /** The byte that two groups of weights share; the pixel's register where there is none. */
  readonly carry: Register;
  /** For sums wider than 16 bits: the sign of a product, or 0 where products are unsigned. */
  readonly extension?: Register;
  /** Holds 0 while the weights of a sparse layer pass by. */
  readonly zero?: Register;
  /** A pair that keeps where a sparse layer's row of taps begins, for weights that are read in several passes. */
  readonly start?: Register;
  /** In a sparse layer, if there is room: low byte of where row pointers end, instead of a counter of taps. */
  readonly rowsEnd?: Register;
  /** `zero` and `rowsEnd` keep their values from filter to filter. */
  readonly lasting: boolean;
  /** Of channels; of rounds in a sparse layer. */
  readonly channels: Counter;
  readonly taps: Counter;
  /** Offset of a depthwise filter's channel from the first one. */
  readonly channel: ChannelPlace;
  /** Where the filter's first output goes. */
  readonly row: RowPlace;
  /** A register from r16 up that is free outside of the taps. */
  readonly high: Register;
  /** Free when the taps are done. */
  readonly outputs: OutputRegisters;
}

export interface OutputRegisters extends RequantizeRegisters {
  /** For folding into what is in RAM. */
  readonly mask: Register;
  readonly old: Register;
  /** Temporaries that belong to X, which gets its address when the first output is done only. */
  readonly late: readonly Register[];
  /** Temporaries that belong to the last sum: it is saved until the first output is done. */
  readonly borrowed: readonly Register[];
}

export interface Tile extends TileChoice {
  readonly registers: TileRegisters;
  readonly run: TileRun;
  readonly pixelPointer: typeof X | typeof Y;
  /** Walks through the row pointers; in RAM if its registers are taken. */
  readonly windowPointer: typeof X | typeof Y | { readonly address: string };
}

export function accumulatorBytes({ accumulatorBits }: ConvolutionShape): number {
  return accumulatorBits / 8;
}

/** Places everything; undefined if what has to be in registers does not fit. */
export function placeTile(shape: ConvolutionShape, choice: TileChoice, scratch: Scratch): Tile | undefined {
  const { encoding, pixels, filters, displaced } = choice;
  const sparse = encoding.kind === 'sparse';
  if (displaced && furthestDisplacement(shape, choice) > LARGEST_DISPLACEMENT) return undefined;
  const pool = new RegisterPool(Array.from({ length: 24 }, (_, index) => index + 2));
  if (!displaced) [Y, Y + 1].forEach((register) => pool.give(register));
  // Nobody else needs X while taps pass by.
  const spareX = displaced && (shape.kernelHeight === 1 || choice.unrolled) ? [X, X + 1] : [];

  const operands = encoding.kind === 'sparse' ? placeSparse(encoding, pool) : placeGroup(encoding, choice, shape, pool);
  const bytes = accumulatorBytes(shape);
  const isExtended = bytes > 2 && !sparse;
  const extension = isExtended ? (spareX.pop() ?? pool.take(24) ?? pool.take()) : undefined;
  if (!operands || (isExtended && extension === undefined)) return undefined;
  const sums = Array.from({ length: filters }, () => Array.from({ length: pixels }, () => takeSum(pool, bytes)));
  if (sums.flat().includes(undefined)) return undefined;
  spareX.forEach((register) => pool.give(register));
  return placeLoops(shape, choice, scratch, pool, { ...operands, extension, sums: sums as Register[][][] });
}

/** Of `ldd` (AVR instruction set manual). */
const LARGEST_DISPLACEMENT = 63;

/** How far from Y the last pixel is that a tile reads before Y moves. */
function furthestDisplacement(shape: ConvolutionShape, choice: TileChoice): number {
  const { stride, kernelWidth, columnStride, channelStride } = shape;
  const lastTap = choice.encoding.kind === 'sparse' ? 0 : kernelWidth - 1;
  const lastPixel = ((choice.pixels - 1) * stride + lastTap) * columnStride;
  return lastPixel + (channelsAtATime(shape, choice) - 1) * channelStride;
}

/** Channels whose pixels are read from one place of Y, with those that a run lacks to begin a round of the loop over channels. */
export function channelsAtATime({ kernelWidth }: ConvolutionShape, choice: TileChoice): number {
  const { encoding, filters, channelsUnrolled, joined } = choice;
  if (encoding.kind === 'sparse' || joined) return 1;
  return encoding.phases(filters * kernelWidth) * channelsUnrolled;
}

type Operands = Pick<TileRegisters, 'weights' | 'pixel' | 'carry'>;
type TilePlacement = Operands & Pick<TileRegisters, 'extension' | 'sums'>;

/** Signed products take their factors from r16 to r23 only. */
function placeGroup(
  encoding: DenseEncoding,
  { filters }: TileChoice,
  { kernelWidth }: ConvolutionShape,
  pool: RegisterPool,
): Operands | undefined {
  const signed = encoding.offset === 0;
  const weights = Array.from({ length: filters * kernelWidth }, () => pool.take(16, signed ? 23 : 25));
  const pixel = pool.take(16, signed ? 23 : 29) ?? (signed ? undefined : pool.take());
  const carry = encoding.needsCarry(filters * kernelWidth) ? (pool.take(16, 23) ?? pool.take(16)) : pixel;
  if (weights.includes(undefined) || pixel === undefined || carry === undefined) return undefined;
  return { weights: weights as Register[], pixel, carry };
}

function placeSparse({ usesPair }: SparseEncoding, pool: RegisterPool): Operands | undefined {
  const weight = pool.take(16, 23);
  const pixel = pool.take(16, 23);
  const carry = usesPair ? pool.take(16, 23) : pixel;
  if (weight === undefined || pixel === undefined || carry === undefined) return undefined;
  return { weights: [weight], pixel, carry };
}

/** Pairs for `movw`, and what is left over for the rest of a sum. Low registers first: the high ones have other uses. */
function takeSum(pool: RegisterPool, bytes: number): Register[] | undefined {
  const pairs = Array.from({ length: bytes >> 1 }, () => pool.takePair('low'));
  const single = bytes % 2 === 1 ? pool.takeLeftOver() : 0;
  if (pairs.includes(undefined) || single === undefined) return undefined;
  return [...(pairs as Register[]).flatMap((low) => [low, low + 1]), ...(bytes % 2 === 1 ? [single] : [])];
}

/** The inner loop's counters come first; what finds no register is kept in RAM. */
function placeLoops(
  shape: ConvolutionShape,
  choice: TileChoice,
  scratch: Scratch,
  pool: RegisterPool,
  placed: TilePlacement,
): Tile | undefined {
  const { channels, kernelHeight, kernelWidth } = shape;
  const { pixels, filters, encoding, unrolled, displaced } = choice;
  const counter = (wanted: boolean): Counter => {
    const register = wanted ? pool.take() : undefined;
    return register === undefined ? { address: wanted ? scratch.take(1) : '' } : { register };
  };
  const walksWindow = kernelHeight > 1 && !unrolled;
  const groups = { groups: channels, groupSize: filters * kernelWidth, unrolled: choice.channelsUnrolled };
  const sparse = encoding.kind === 'sparse';
  // A sparse layer's inner loop needs two registers more, if need be those that else point into the window.
  const crowded = sparse && pool.remaining().length < 2;
  const anyCounter = encoding.kind === 'sparse' && !encoding.highCounter;
  const rounds = !sparse ? undefined : crowded ? X + 1 : (pool.take(16) ?? (anyCounter ? pool.take() : undefined));
  const zero = !sparse ? undefined : crowded ? X : (pool.take(2, X - 1) ?? pool.take());
  if (sparse && rounds === undefined) return undefined;
  const pointsFromX = displaced && !crowded;
  const rowsEnd = sparse && walksWindow && pointsFromX ? pool.take() : undefined;
  const channelCounter: Counter =
    rounds !== undefined
      ? { register: rounds }
      : counter(encoding.kind === 'dense' && needsCounter({ encoding, ...groups }));
  const usesY = !displaced && walksWindow && pool.remaining().filter((register) => register >= Y).length === 2;
  if (usesY) [Y, Y + 1].forEach((register) => pool.takeThis(register));
  const taps = counter(walksWindow && rowsEnd === undefined);
  const restarts = encoding.kind === 'sparse' && encoding.usesNeighbours;
  // Low ones, which outputs use later on: fewer registers have to be saved.
  const start = restarts ? pool.takePair('low') : undefined;
  if (restarts && start === undefined && !(walksWindow && pointsFromX)) return undefined;
  const channel = shape.depthwise && shape.filters > 1 ? placeChannel(pool, scratch, unrolled) : NOWHERE;
  const kept = [...placed.sums.flat(2), ...('registers' in channel ? channel.registers : [])];
  // Unfolding needs the registers.
  const pair = shape.orbits ? undefined : pool.takePair();
  const row: RowPlace = pair === undefined ? { io: GENERAL_PURPOSE_IO } : { registers: [pair, pair + 1] };
  const sums = placed.sums.flat();
  const run = tileRun(shape, pixels);
  const folds = (shape.pool?.height ?? 1) > 1 || run.phases.length > 1;
  const spare = 'io' in row ? [X, X + 1] : [];
  // X is for outputs when filters are done.
  const last = zero === X || zero === X + 1 ? [] : [zero, rowsEnd].filter((register) => register !== undefined);
  const place = (paired: boolean): Pick<TileRegisters, 'outputs' | 'lasting'> | undefined => {
    for (const lasting of last.length > 0 ? [true, false] : [false]) {
      const lives = lasting ? [...kept, ...last] : kept;
      const outputs = placeOutputs(shape, folds, sums, lives, spare, paired, lasting ? zero : undefined);
      if (outputs) return { outputs, lasting };
    }
    return undefined;
  };
  const outputs = place(true) ?? place(false);
  const high = [...placed.weights, placed.pixel].find((register) => register >= 16);
  if (!outputs || high === undefined) return undefined;
  return {
    ...choice,
    registers: { ...placed, zero, start, rowsEnd, channels: channelCounter, taps, channel, row, high, ...outputs },
    run,
    pixelPointer: displaced ? Y : X,
    windowPointer: pointsFromX ? X : usesY ? Y : { address: walksWindow ? scratch.take(2) : '' },
  };
}

const NOWHERE: ChannelPlace = { nowhere: true };

/** X is for outputs when filters are done. */
function placeChannel(pool: RegisterPool, scratch: Scratch, unrolled: boolean): ChannelPlace {
  const candidates = pool.remaining().filter((register) => register >= 16 && register !== X && register !== X + 1);
  const low = candidates.find((register) => register % 2 === 0 && candidates.includes(register + 1));
  if (low === undefined) return unrolled ? { written: true } : { address: scratch.take(2), bytes: 2 };
  [low, low + 1].forEach((register) => pool.takeThis(register));
  return { registers: [low, low + 1] };
}

/**
 * Registers for requantisation, or undefined if too few are left. Z is taken, X too but for what `spare` has of it until the first output
 * is stored. With `paired`, the result has the byte above it beside it, so that `movw` moves a product there. `ownZero` holds 0 already.
 */
function placeOutputs(
  shape: ConvolutionShape,
  folds: boolean,
  sums: readonly (readonly Register[])[],
  kept: readonly Register[],
  spare: readonly Register[],
  paired: boolean,
  ownZero?: Register,
): OutputRegisters | undefined {
  const pool = new RegisterPool(
    [...Array.from({ length: 24 }, (_, index) => index + 2), Y, Y + 1].filter((register) => !kept.includes(register)),
  );
  const result = paired ? pool.takePair('high') : (pool.take(16, 25) ?? pool.take(28));
  if (result === undefined || result < 16) return undefined;
  const above = paired ? [result + 1] : [];
  const lasting = pool.takeLow(shape.multiplier.bytes + (ownZero === undefined ? 1 : 0) + (folds ? 2 : 0));
  if (!lasting) return undefined;
  const multiplier = lasting.splice(0, shape.multiplier.bytes);
  const zero = ownZero ?? (lasting.shift() as Register);
  const [mask, old] = folds ? lasting : [0, 0];
  const wanted = Math.max(above.length, requantizeTemporaries(shape));
  const own = [...above, ...(pool.takeLow(Math.min(wanted - above.length, pool.remaining().length)) as Register[])];
  const late = spare.slice(0, wanted - own.length);
  const borrowed = sums.length > 1 ? sums[sums.length - 1].slice(0, wanted - own.length - late.length) : [];
  const temporaries = [...own, ...late, ...borrowed];
  if (temporaries.length < wanted) return undefined;
  return { result, multiplier, zero, temporaries, late, borrowed, mask, old };
}
