import type { AccumulatorRange, Ring } from '@sparrow/model';
import type { Assembly } from '../assembly/assembly.ts';
import { copy } from '../assembly/idioms.ts';
import { PRODUCT_HIGH, PRODUCT_LOW, r, type Register, X, Y, Z } from '../assembly/registers.ts';
import type { StepFrame } from '../context.ts';
import { byteOf } from './average-pool.ts';
import { loadNext, storeNext, type Walker, walkPlanes } from './planes.ts';

/** All that a residual addition's kernel is specialised to. */
export interface AddShape {
  readonly inputs: readonly [Ring, Ring];
  readonly output: Ring;
  readonly multipliers: readonly [number, number];
  readonly bias: number;
  readonly shift: 0 | 8 | 16 | 24;
  readonly range: AccumulatorRange;
  readonly accumulatorBytes: number;
}

/** Leave addresses in X. */
export interface AddAddresses {
  readonly setRows: readonly [() => void, () => void];
  readonly setOutput: () => void;
}

const [FIRST, SECOND, CHANNELS, COLUMNS] = [25, 24, 23, 22];
const SUM: readonly Register[] = [16, 17, 18, 19];
const FACTOR: Register = 20;
const RESULT: Register = 21;
const ZERO: Register = 15;

/** Residual addition of a row (docs/numerics.md §4). */
export function emitAdd({ assembly }: StepFrame, shape: AddShape, { setRows, setOutput }: AddAddresses): void {
  const { emit } = assembly;
  const { inputs, output, multipliers } = shape;
  setOutput();
  copy(assembly, [Y, Y + 1], [X, X + 1]);
  setRows[1]();
  copy(assembly, [Z, Z + 1], [X, X + 1]);
  setRows[0]();
  emit('clr', r(ZERO));
  const a: Walker = { pointer: X, ring: inputs[0], step: 1 };
  const b: Walker = { pointer: Z, ring: inputs[1], step: 1 };
  const target: Walker = { pointer: Y, ring: output, step: 1 };
  const { channels, columns } = output;
  const counters = { channelCounter: { register: CHANNELS }, columnCounter: { register: COLUMNS }, scratch: FIRST };
  assembly.phase('compute', () =>
    walkPlanes(assembly, { channels, columns, ...counters, walkers: [a, b, target] }, () => {
      loadNext(assembly, FIRST, a);
      loadNext(assembly, SECOND, b);
      const sum = SUM.slice(0, shape.accumulatorBytes);
      sum.forEach((register, byte) => emit('ldi', r(register), byteOf(shape.bias, byte)));
      addProduct(assembly, sum, FIRST, multipliers[0]);
      addProduct(assembly, sum, SECOND, multipliers[1]);
      assembly.phase('requantisation', () => activation(assembly, shape, sum));
      storeNext(assembly, target, RESULT);
    }),
  );
}

/** `sum += value · multiplier`, modulo the width of the sum. */
function addProduct({ emit }: Assembly, sum: readonly Register[], value: Register, multiplier: number): void {
  for (let byte = 0; byte < 2; byte++) {
    const factor = byteOf(multiplier, byte);
    const targets = sum.slice(byte);
    if (factor === 0 || targets.length === 0) continue;
    if (factor === 1) {
      targets.forEach((target, index) => emit(index === 0 ? 'add' : 'adc', r(target), r(index === 0 ? value : ZERO)));
      continue;
    }
    emit('ldi', r(FACTOR), factor);
    emit('mul', r(value), r(FACTOR));
    const addends = [PRODUCT_LOW, PRODUCT_HIGH];
    targets.forEach((target, index) => emit(index === 0 ? 'add' : 'adc', r(target), r(addends[index] ?? ZERO)));
  }
}

/** `min(255, max(0, sum) >> shift)` in `RESULT`, in the same time for all sums. */
function activation(assembly: Assembly, { shift, range }: AddShape, sum: readonly Register[]): void {
  const { emit } = assembly;
  const [value, ...above] = sum.slice(shift / 8);
  if (value === undefined) return emit('ldi', r(RESULT), 0);
  emit('mov', r(RESULT), r(value));
  const top = sum[sum.length - 1];
  if (above.length > 0 && Math.floor(range.highest / 2 ** shift) > 255) {
    // The top byte tells the sign afterwards, so the bytes are joined elsewhere.
    emit('mov', r(FACTOR), r(above[0]));
    for (const byte of above.slice(1)) emit('or', r(FACTOR), r(byte));
    emit('cpse', r(FACTOR), r(ZERO));
    emit('ldi', r(RESULT), 255);
  }
  if (range.lowest >= 0) return;
  emit('sbrc', r(top), 7);
  emit('ldi', r(RESULT), 0);
}
