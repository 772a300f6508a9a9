import { Assembly, type SharedFunction } from '../../assembly/assembly.ts';
import { copy, loadImmediatePair, loadPair, storePair } from '../../assembly/idioms.ts';
import { PRODUCT_HIGH, PRODUCT_LOW, r, type Register, X, Y } from '../../assembly/registers.ts';
import type { Scratch } from '../../scratch.ts';
import type { ConvolutionShape } from './shape.ts';
import { emitTaps } from './taps.ts';
import type { Place } from './tile.ts';
import { emitTiles } from './tiles.ts';
import { walkRows } from './window-rows.ts';

/** Bytes of `−offset · Σx` of one output pixel. */
export const CORRECTION_BYTES = 3;

/** Sums of columns that are added up side by side. */
const MOST_COLUMNS = 9;

/** Whether Σx fits the 16 bits that it is summed in. */
export function hasCorrection({
  kernelHeight,
  kernelWidth,
  channels,
  accumulatorBits,
  depthwise,
}: ConvolutionShape): boolean {
  return accumulatorBits === 24 && !depthwise && kernelHeight * kernelWidth * channels * 255 < 65536;
}

/** Output pixels whose sums are made at a time. */
function correctionPixels({ stride, kernelWidth, columns }: ConvolutionShape): number {
  return Math.max(1, Math.min(columns, Math.floor((MOST_COLUMNS - kernelWidth) / stride) + 1));
}

export interface CorrectionVariables {
  /** `columns` times `CORRECTION_BYTES` bytes. */
  readonly table: string;
  /** As in `RowWalk`. */
  readonly inside?: string;
  readonly unrolled: boolean;
}

/**
 * `−offset · Σx` of the window of each output pixel of a row, for all filters: what unsigned weights add too much. Columns
 * are summed first, over rows and channels, then neighbouring columns.
 */
export function emitCorrections(
  assembly: Assembly,
  shape: ConvolutionShape,
  offset: number,
  { table, inside, unrolled }: CorrectionVariables,
  scratch: Scratch,
): void {
  const { emit } = assembly;
  const { kernelWidth, kernelHeight, stride, columns, columnStride, channelStride, channels } = shape;
  const pixels = correctionPixels(shape);
  const tiles = Math.ceil(columns / pixels);
  const overlap = tiles * pixels - columns;
  const span = (pixels - 1) * stride + kernelWidth;
  const sums = Array.from({ length: span }, (_, column): Register[] => [2 + 2 * column, 3 + 2 * column]);
  const [pixel, zero, channelCounter, tapCounter, tileCounter] = [25, 24, 23, 22, 21];
  const column: Place = tiles > 1 ? { address: scratch.take(2), bytes: 2 } : { nowhere: true };
  const target = scratch.take(2);
  const columnStep = stride * columnStride;

  const setColumn = (pair: Register): void => {
    if ('address' in column) storePair(assembly, column.address, pair);
  };
  const emitTile = (): void => {
    for (const sum of sums) for (const byte of sum) emit('clr', r(byte));
    emit('clr', r(zero));
    walkRows(assembly, {
      rows: kernelHeight,
      unrolled,
      pixelPointer: X,
      windowPointer: kernelHeight > 1 && !unrolled ? Y : { address: '' },
      taps: { register: tapCounter },
      column,
      high: pixel,
      spare: [],
      inside,
      skipRow: () => {},
      body: () =>
        assembly.repeat({ register: channelCounter }, channels, channelCounter, () =>
          emitTaps(
            assembly,
            {
              ...{ pixels: span, kernelWidth: 1, stride: 1, columnStride, pixelPointer: X, displaced: false },
              channelStride: channels > 1 ? channelStride : undefined,
            },
            pixel,
            (position) => {
              emit('add', r(sums[position][0]), r(pixel));
              emit('adc', r(sums[position][1]), r(zero));
            },
          ),
        ),
    });
    loadPair(assembly, X, target);
    emit('ldi', r(OFFSET), offset);
    for (let output = 0; output < pixels; output++) {
      addColumns(assembly, sums.slice(output * stride, output * stride + kernelWidth));
      assembly.call(STORE_CORRECTION);
    }
    storePair(assembly, target, X);
  };

  assembly.phase('compute', () => {
    loadImmediatePair(assembly, X, table);
    storePair(assembly, target, X);
    if (tiles > 1) {
      loadImmediatePair(assembly, X, '0');
      setColumn(X);
    }
    emitTiles(assembly, { counter: { register: tileCounter }, tiles, overlap, scratch: 24 }, emitTile, (back) => {
      if ('address' in column) advanceVariable(assembly, column.address, columnStep * (pixels - back));
      if (back > 0) advanceVariable(assembly, target, -CORRECTION_BYTES * back);
    });
  });
}

/** `value in RAM += constant`, two bytes. */
function advanceVariable(assembly: Assembly, address: string, constant: number): void {
  const { emit } = assembly;
  if (constant === 0) return;
  loadPair(assembly, X, address);
  emit('subi', r(X), `lo8(${-constant})`);
  emit('sbci', r(X + 1), `hi8(${-constant})`);
  storePair(assembly, address, X);
}

/** Where `store_correction` finds Σx (a pair) and the offset. */
const [TOTAL, OFFSET] = [Y, 25];

function addColumns(assembly: Assembly, columns: readonly (readonly Register[])[]): void {
  copy(assembly, [TOTAL, TOTAL + 1], columns[0]);
  for (const column of columns.slice(1)) {
    assembly.emit('add', r(TOTAL), r(column[0]));
    assembly.emit('adc', r(TOTAL + 1), r(column[1]));
  }
}

/** Stores `−offset · Σx` to X+. */
function storeCorrectionCode(): Assembly {
  const assembly = new Assembly('store_correction');
  const { emit } = assembly;
  const [bottom, middle, top] = [22, 23, 24];
  emit('mul', r(TOTAL), r(OFFSET));
  copy(assembly, [bottom, middle], [PRODUCT_LOW, PRODUCT_HIGH]);
  emit('ldi', r(top), 0);
  emit('mul', r(TOTAL + 1), r(OFFSET));
  emit('add', r(middle), r(PRODUCT_LOW));
  emit('adc', r(top), r(PRODUCT_HIGH));
  // Negates 24 bits.
  emit('com', r(top));
  emit('com', r(middle));
  emit('neg', r(bottom));
  emit('sbci', r(middle), 255);
  emit('sbci', r(top), 255);
  for (const byte of [bottom, middle, top]) emit('st', 'X+', r(byte));
  emit('ret');
  return assembly;
}

const STORE_CORRECTION: SharedFunction = { name: 'store_correction', code: storeCorrectionCode() };
