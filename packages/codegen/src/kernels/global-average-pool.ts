import type { Ring } from '@sparrow/model';
import { addToPair, loadImmediatePair } from '../assembly/idioms.ts';
import { r, type Register, X, Y } from '../assembly/registers.ts';
import type { Assembly } from '../assembly/assembly.ts';
import type { StepFrame } from '../context.ts';
import { byteOf } from './average-pool.ts';
import { loadNext, type Walker } from './planes.ts';
import { type RequantizeShape, requantize } from './requantize.ts';

export interface GlobalAverageShape extends RequantizeShape {
  readonly rows: number;
  readonly columns: number;
  readonly channels: number;
  readonly input: Ring;
  readonly output: Ring;
  /** Bytes of the accumulator with its bias, and of a sum without as it is in RAM. */
  readonly accumulatorBytes: number;
  readonly storedBytes: number;
  /** Where sums are in RAM, as an expression of the assembler. */
  readonly sums: string;
  readonly bias: number;
}

/** Leave addresses in X. */
export interface GlobalAverageAddresses {
  readonly setRow: () => void;
  readonly setOutput: () => void;
}

const [PIXEL, RESULT, CHANNELS, COLUMNS] = [25, 24, 23, 22];
const SUM: readonly Register[] = [16, 17, 18, 19];
const MULTIPLIER: readonly Register[] = [20, 21];
const ZERO: Register = 15;
const TEMPORARIES: readonly Register[] = [3, 4, 5, 6, 7, 8, 9, 10];

/** Wider rows are walked in a loop. */
const MOST_UNROLLED = 12;

/** Sums grow in RAM, row by row, without the bias, so that they need few bits. The operand `i` counts rows. */
export function emitGlobalAverage(
  { assembly, operand }: StepFrame,
  shape: GlobalAverageShape,
  { setRow, setOutput }: GlobalAverageAddresses,
): void {
  const { emit } = assembly;
  const { rows, channels, sums } = shape;
  const row = operand('i');
  setRow();
  loadImmediatePair(assembly, Y, sums);
  emit('clr', r(ZERO));
  // Sums start as 0: what the first row finds in RAM is masked away.
  const mask: Register = 14;
  if ('register' in row) maskOfFirst(assembly, row.register, mask);
  assembly.phase('compute', () =>
    assembly.repeat({ register: CHANNELS }, channels, PIXEL, () => {
      sumChannel(assembly, shape, rows > 1 ? mask : undefined);
    }),
  );
  const end = assembly.newLabel('end');
  const isLast = ({ i }: Readonly<Record<string, number>>): number => (i === rows - 1 ? 1 : 0);
  if ('register' in row) {
    emit('ldi', r(PIXEL), rows - 1);
    emit('cpse', r(row.register), r(PIXEL));
    emit('rjmp', end);
    // The last one skips the jump.
    assembly.spend((environment) => -isLast(environment));
  }
  assembly.sometimes(rows > 1 ? isLast : 1, () => finish(assembly, shape, setOutput));
  assembly.label(end);
}

/** 0 for row 0, else 255. */
function maskOfFirst({ emit }: Assembly, row: Register, mask: Register): void {
  emit('mov', r(mask), r(ZERO));
  emit('cp', r(mask), r(row));
  emit('sbc', r(mask), r(mask));
}

function sumChannel(assembly: Assembly, shape: GlobalAverageShape, mask: Register | undefined): void {
  const { emit } = assembly;
  const { columns, channels, input, storedBytes } = shape;
  const walker: Walker = { pointer: X, ring: input, step: 1 };
  const sum = SUM.slice(0, storedBytes);
  sum.forEach((byte, index) => {
    if (mask === undefined) return emit('ldi', r(byte), 0);
    emit('ldd', r(byte), `Y+${index}`);
    emit('and', r(byte), r(mask));
  });
  const take = (): void => {
    loadNext(assembly, PIXEL, walker);
    emit('add', r(sum[0]), r(PIXEL));
    for (const byte of sum.slice(1)) emit('adc', r(byte), r(ZERO));
  };
  if (columns <= MOST_UNROLLED) for (let column = 0; column < columns; column++) take();
  else assembly.repeat({ register: COLUMNS }, columns, PIXEL, take);
  for (const byte of sum) emit('st', 'Y+', r(byte));
  if (channels > 1) addToPair(assembly, X, input.channelStride - columns * input.columnStride);
}

function finish(assembly: Assembly, shape: GlobalAverageShape, setOutput: () => void): void {
  const { emit } = assembly;
  const { channels, output, sums, accumulatorBytes, storedBytes, bias, largestMultiplier } = shape;
  const multiplier = MULTIPLIER.slice(0, largestMultiplier < 256 ? 1 : 2);
  const sum = SUM.slice(0, accumulatorBytes);
  assembly.phase('requantisation', () => {
    setOutput();
    multiplier.forEach((register, byte) => emit('ldi', r(register), byteOf(largestMultiplier, byte)));
    loadImmediatePair(assembly, Y, sums);
    assembly.repeat({ register: CHANNELS }, channels, PIXEL, () => {
      sum.forEach((byte, index) => {
        if (index < storedBytes) emit('ldd', r(byte), `Y+${index}`);
        else emit('ldi', r(byte), 0);
      });
      addToPair(assembly, Y, storedBytes);
      sum.forEach((byte, index) => {
        if (bias !== 0) emit(index === 0 ? 'subi' : 'sbci', r(byte), byteOf(-bias, index));
      });
      requantize(assembly, shape, sum, { result: RESULT, multiplier, zero: ZERO, temporaries: TEMPORARIES });
      emit('st', 'X+', r(RESULT));
      addToPair(assembly, X, output.channelStride - 1);
    });
  });
}
