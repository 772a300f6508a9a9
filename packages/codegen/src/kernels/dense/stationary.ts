import type { Assembly } from '../../assembly/assembly.ts';
import { addToPair, loadImmediatePair } from '../../assembly/idioms.ts';
import { PRODUCT_HIGH, PRODUCT_LOW, r, type Register, RegisterPool, X, Y, Z } from '../../assembly/registers.ts';
import { registerOf, type StepFrame } from '../../context.ts';
import type { DenseEncoding } from '../../encodings/index.ts';
import { multiplyAccumulate } from '../multiply-accumulate.ts';
import { addRowOffset, type DenseAddresses, type DenseTables, emitEnd } from './kernel.ts';
import { type DenseShape, sumBytes } from './shape.ts';

/** Values of an input row that stay in registers while the sums of all units pass by: no value is loaded twice. */
export interface DenseChunk {
  /** Unsigned: only `mul` takes its factors from all registers. */
  readonly encoding: DenseEncoding;
  /** A divisor of the values of a plane. */
  readonly values: number;
}

interface ChunkRegisters {
  readonly values: readonly Register[];
  readonly weight: Register;
  readonly carry: Register;
  readonly sum: readonly Register[];
  /** `offset · Σx` of the chunk. */
  readonly total: readonly Register[];
  /** Holds 0. */
  readonly zero: Register;
  readonly counter: Register;
}

/** Bytes of the weights of one chunk for one unit. */
export function chunkBytes({ encoding, values }: DenseChunk): number {
  return encoding.pack(new Array<number>(values).fill(0), 1).length;
}

/** Bytes of the weights of one row for all units. */
export function stationaryRowBytes({ planes, values, units }: DenseShape, chunk: DenseChunk): number {
  return planes * (values / chunk.values) * units * chunkBytes(chunk);
}

/** Sums of 16 and 24 bits; those of several rows, which grow in RAM. */
export function canBeStationary({ accumulatorBits, rows }: DenseShape): boolean {
  return accumulatorBits < 32 && rows > 1;
}

function place(shape: DenseShape, { encoding, values }: DenseChunk): ChunkRegisters | undefined {
  const pool = new RegisterPool(Array.from({ length: 24 }, (_, index) => index + 2));
  const [weight, counter] = [pool.take(16, 25), pool.take(16, 25)];
  const carry = encoding.needsCarry(1) ? pool.take(16, 25) : weight;
  const zero = pool.take(2, 25);
  const bytes = sumBytes(shape);
  // The pointer to the values is of no use once all of them are loaded: the last one may replace it, and what is made of them all.
  const [lastValue, lastTotal] = shape.planes === 1 && shape.values === values ? [[X], [X + 1]] : [[], []];
  const sum = pool.takeLow(bytes);
  const total = pool.takeLow(bytes - lastTotal.length);
  const held = pool.takeLow(values - lastValue.length);
  if (weight === undefined || counter === undefined || carry === undefined || zero === undefined) return undefined;
  if (!sum || !total || !held) return undefined;
  return { values: [...held, ...lastValue], weight, carry, sum, total: [...total, ...lastTotal], zero, counter };
}

/** One row of input for all units, chunk by chunk. False if the registers do not suffice. */
export function emitStationary(
  frame: StepFrame,
  shape: DenseShape,
  chunk: DenseChunk,
  tables: DenseTables,
  addresses: DenseAddresses,
): boolean {
  const { assembly, scratch } = frame;
  const registers = place(shape, chunk);
  if (!registers) return false;
  const { planes, values, stride } = shape;
  const chunks = values / chunk.values;
  const iteration = scratch.take(1);
  const planeCounter = { address: planes > 1 ? scratch.take(1) : '' };
  const chunkCounter = { address: chunks > 1 ? scratch.take(1) : '' };
  assembly.emit('sts', iteration, r(registerOf(frame.operand('i'))));
  addresses.setRow();
  loadImmediatePair(assembly, Z, tables.weights);
  addRowOffset(assembly, iteration, stationaryRowBytes(shape, chunk));
  beginSums(assembly, shape);
  assembly.phase('compute', () => {
    assembly.emit('clr', r(registers.zero));
    assembly.repeat(planeCounter, planes, registers.weight, () => {
      assembly.repeat(chunkCounter, chunks, registers.weight, () => emitChunk(assembly, shape, chunk, registers));
      if (planes > 1) addToPair(assembly, X, stride - values);
    });
  });
  emitEnd(assembly, shape, tables, iteration, addresses);
  return true;
}

/** In the first row, r20 is 0: sums start as biases, which come before all weights. Others pass by them. */
function beginSums(assembly: Assembly, shape: DenseShape): void {
  const { emit } = assembly;
  const { units, storedBytes } = shape;
  const bytes = sumBytes(shape);
  const [later, end] = [assembly.newLabel('later'), assembly.newLabel('begun')];
  const isFirst = ({ i }: Readonly<Record<string, number>>): number => (i === 0 ? 1 : 0);
  emit('cpi', 'r20', 0);
  emit('brne', later);
  assembly.spend((environment) => 1 - isFirst(environment));
  assembly.sometimes(isFirst, () => {
    loadImmediatePair(assembly, Y, shape.sums);
    assembly.repeat({ register: 21 }, units, 21, () => {
      for (let byte = 0; byte < bytes; byte++) {
        emit('lpm', 'r0', 'Z+');
        emit('st', 'Y+', 'r0');
      }
      addToPair(assembly, Y, storedBytes - bytes);
    });
    emit('rjmp', end);
  });
  assembly.label(later);
  assembly.sometimes(
    (environment) => 1 - isFirst(environment),
    () => addToPair(assembly, Z, bytes * units),
  );
  assembly.label(end);
}

/** Values from X on; their weights, unit by unit, from Z on. */
function emitChunk(assembly: Assembly, shape: DenseShape, { encoding }: DenseChunk, registers: ChunkRegisters): void {
  const { emit } = assembly;
  const { values, weight, carry, sum, zero, counter } = registers;
  for (const value of values) emit('ld', r(value), value === X ? 'X' : 'X+');
  sumValues(assembly, encoding.offset, registers);
  loadImmediatePair(assembly, Y, shape.sums);
  emit('ldi', r(counter), shape.units);
  assembly.countDown({ register: counter }, shape.units, () => {
    sum.forEach((byte, index) => emit('ldd', r(byte), `Y+${index}`));
    sum.forEach((byte, index) => emit(index === 0 ? 'sub' : 'sbc', r(byte), r(registers.total[index])));
    const phases = encoding.phases(1);
    const entry = (phases - (values.length % phases)) % phases;
    if (entry > 0) encoding.enter(assembly, entry, 1, carry);
    values.forEach((value, index) => {
      const [factor] = encoding.load(assembly, (entry + index) % phases, [weight], carry);
      multiplyAccumulate(assembly, sum, factor, value, zero, false);
    });
    for (const byte of sum) emit('st', 'Y+', r(byte));
    addToPair(assembly, Y, shape.storedBytes - sum.length);
  });
}

/** `total = offset · Σx`, for any of 255 values at most. */
function sumValues(assembly: Assembly, offset: number, { values, weight, total, zero }: ChunkRegisters): void {
  const { emit } = assembly;
  const [low, middle, top] = total;
  emit('mov', r(low), r(values[0]));
  emit('clr', r(middle));
  for (const value of values.slice(1)) {
    emit('add', r(low), r(value));
    emit('adc', r(middle), r(zero));
  }
  emit('ldi', r(weight), offset);
  emit('mul', r(middle), r(weight));
  emit('mov', r(middle), r(PRODUCT_LOW));
  if (top !== undefined) emit('mov', r(top), r(PRODUCT_HIGH));
  emit('mul', r(low), r(weight));
  emit('mov', r(low), r(PRODUCT_LOW));
  emit('add', r(middle), r(PRODUCT_HIGH));
  if (top !== undefined) emit('adc', r(top), r(zero));
}
