import { Assembly, type SharedFunction } from '../../assembly/assembly.ts';
import { copy, loadImmediatePair } from '../../assembly/idioms.ts';
import { PRODUCT_HIGH, PRODUCT_LOW, r, type Register, X, Y } from '../../assembly/registers.ts';
import type { ConvolutionShape } from './shape.ts';
import { emitTaps } from './taps.ts';
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

export interface CorrectionVariables {
  /** `CORRECTION_BYTES` bytes for each of the tile's pixels. */
  readonly table: string;
  /** As in `RowWalk`. */
  readonly inside?: string;
  readonly clipped: readonly number[];
  readonly unrolled: boolean;
}

/**
 * `−offset · Σx` of the window of each output pixel of a tile, for all filters: what unsigned weights add too much. Columns
 * are summed first, over rows and channels, then neighbouring columns.
 */
export function emitCorrections(
  assembly: Assembly,
  shape: ConvolutionShape,
  tilePixels: number,
  offset: number,
  { table, ...walk }: CorrectionVariables,
): void {
  const { emit } = assembly;
  const { kernelWidth, stride, columnStride } = shape;
  const most = Math.max(1, Math.floor((MOST_COLUMNS - kernelWidth) / stride) + 1);
  assembly.phase('compute', () => {
    for (let first = 0; first < tilePixels; first += most) {
      const pixels = Math.min(most, tilePixels - first);
      const sums = sumColumns(
        assembly,
        shape,
        (pixels - 1) * stride + kernelWidth,
        first * stride * columnStride,
        walk,
      );
      loadImmediatePair(assembly, X, `${table} + ${first * CORRECTION_BYTES}`);
      emit('ldi', r(OFFSET), offset);
      for (let output = 0; output < pixels; output++) {
        addColumns(assembly, sums.slice(output * stride, output * stride + kernelWidth));
        assembly.call(STORE_CORRECTION);
      }
    }
  });
}

/** Sums of `span` columns from `offset` bytes on, over all channels and the rows inside of the image, in registers. */
function sumColumns(
  assembly: Assembly,
  { kernelHeight, columnStride, channelStride, channels }: ConvolutionShape,
  span: number,
  offset: number,
  { inside, clipped, unrolled }: Omit<CorrectionVariables, 'table'>,
): Register[][] {
  const { emit } = assembly;
  const sums = Array.from({ length: span }, (_, column): Register[] => [2 + 2 * column, 3 + 2 * column]);
  const [pixel, zero, channelCounter, tapCounter] = [25, 24, 23, 22];
  for (const sum of sums) for (const byte of sum) emit('clr', r(byte));
  emit('clr', r(zero));
  const geometry = { pixels: span, kernelWidth: 1, stride: 1, columnStride, pixelPointer: X };
  const step = channels > 1 ? channelStride : undefined;
  const body = (): void =>
    emitTaps(assembly, { ...geometry, step }, pixel, (position) => {
      emit('add', r(sums[position][0]), r(pixel));
      emit('adc', r(sums[position][1]), r(zero));
    });
  walkRows(assembly, {
    rows: kernelHeight,
    unrolled,
    pixelPointer: X,
    windowPointer: kernelHeight > 1 && !unrolled ? Y : { address: '' },
    taps: { register: tapCounter },
    channel: { nowhere: true },
    offset,
    high: pixel,
    spare: [],
    inside,
    clipped,
    skipRow: () => {},
    body: () => assembly.repeat({ register: channelCounter }, channels, channelCounter, body),
  });
  return sums;
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
