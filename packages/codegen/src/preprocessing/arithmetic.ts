import { Assembly, type SharedFunction } from '../assembly/assembly.ts';
import { r, type Register } from '../assembly/registers.ts';

/** Registers of a 32-bit value, the lowest byte first. */
export const FIRST: readonly Register[] = [16, 17, 18, 19];
export const SECOND: readonly Register[] = [20, 21, 22, 23];
/** Of what `RATIO` and `ROOT` give, 16 bits. */
export const RESULT: readonly Register[] = [14, 15];
/** How many binary digits `RATIO` is to give. */
export const DIGITS: Register = 25;

const [MASK, CARRY] = [27, 26];

/** `first op second`, as many bytes as `first` has; `zero` stands in for bytes that `second` does not have. */
export function combine(
  { emit }: Assembly,
  [low, high]: readonly [string, string],
  first: readonly Register[],
  second: readonly Register[],
  zero?: Register,
): void {
  first.forEach((register, byte) => {
    const other = second[byte] ?? zero;
    if (other === undefined) throw new Error('a carry has no register to be added to');
    emit(byte === 0 ? low : high, r(register), r(other));
  });
}

export const ADD = ['add', 'adc'] as const;
export const SUBTRACT = ['sub', 'sbc'] as const;

export function loadBytes({ emit }: Assembly, registers: readonly Register[], address: string): void {
  registers.forEach((register, byte) => emit('lds', r(register), `${address} + ${byte}`));
}

export function storeBytes({ emit }: Assembly, address: string, registers: readonly Register[]): void {
  registers.forEach((register, byte) => emit('sts', `${address} + ${byte}`, r(register)));
}

/** `variable += value`; the sum is as wide as its variable. Uses `scratch`. */
export function addToVariable(
  { emit }: Assembly,
  address: string,
  bytes: number,
  value: readonly Register[],
  { scratch, zero }: { readonly scratch: Register; readonly zero: Register },
): void {
  for (let byte = 0; byte < bytes; byte++) {
    emit('lds', r(scratch), `${address} + ${byte}`);
    emit(byte === 0 ? 'add' : 'adc', r(scratch), r(value[byte] ?? zero));
    emit('sts', `${address} + ${byte}`, r(scratch));
  }
}

/** `to = a · b` modulo 2^(8 · bytes of `to`), which is neither a's nor b's. Uses r0 and r1. */
export function multiply(
  assembly: Assembly,
  to: readonly Register[],
  a: readonly Register[],
  b: readonly Register[],
  zero: Register,
): void {
  const { emit } = assembly;
  for (const register of to) emit('clr', r(register));
  a.forEach((left, i) => {
    b.forEach((right, j) => {
      if (i + j >= to.length) return;
      emit('mul', r(left), r(right));
      combine(assembly, ADD, to.slice(i + j), [0, 1], zero);
    });
  });
}

/** `value = −value` where `sign` is 255, the same where it is 0. */
export function negateIf(assembly: Assembly, value: readonly Register[], sign: Register): void {
  for (const register of value) assembly.emit('eor', r(register), r(sign));
  combine(assembly, SUBTRACT, value, [], sign);
}

/** `value` times 2. */
export function double({ emit }: Assembly, value: readonly Register[]): void {
  value.forEach((register, byte) => emit(byte === 0 ? 'lsl' : 'rol', r(register)));
}

/** Gives back to `value` what was taken where MASK is 255, and shifts the digit that this tells into RESULT. Uses r0. */
function restore(assembly: Assembly, value: readonly Register[], taken: readonly Register[]): void {
  const { emit } = assembly;
  value.forEach((register, byte) => {
    emit('mov', 'r0', r(taken[byte]));
    emit('and', 'r0', r(MASK));
    emit(byte === 0 ? 'add' : 'adc', r(register), 'r0');
  });
  emit('com', r(MASK));
  double(assembly, [MASK]);
  for (const register of RESULT) emit('rol', r(register));
}

/**
 * `RESULT` = ⌊2ⁿ · FIRST / SECOND⌋, at most 2ⁿ − 1, of n = DIGITS (`ratio` of the model). Its cycles depend on `digits`. Changes FIRST, DIGITS,
 * r26, r27 and r0.
 */
export const RATIO: SharedFunction = { name: 'sparrow_ratio', code: makeRatio() };

function makeRatio(): Assembly {
  const assembly = new Assembly('sparrow_ratio');
  const { emit } = assembly;
  // FIRST = the lesser of both, of which all digits are 1 if that is SECOND.
  FIRST.forEach((register, byte) => emit(byte === 0 ? 'cp' : 'cpc', r(register), r(SECOND[byte])));
  emit('sbc', r(MASK), r(MASK));
  FIRST.forEach((register, byte) => {
    emit('eor', r(register), r(SECOND[byte]));
    emit('and', r(register), r(MASK));
    emit('eor', r(register), r(SECOND[byte]));
  });
  for (const register of RESULT) emit('clr', r(register));
  assembly.countDown(
    { register: DIGITS },
    ({ digits }) => digits,
    () => {
      double(assembly, FIRST);
      emit('sbc', r(CARRY), r(CARRY));
      combine(assembly, SUBTRACT, FIRST, SECOND);
      // Too much was taken if that borrows, and no 33rd bit was there to lend.
      emit('sbc', r(MASK), r(MASK));
      emit('com', r(CARRY));
      emit('and', r(MASK), r(CARRY));
      restore(assembly, FIRST, SECOND);
    },
  );
  emit('ret');
  return assembly;
}

/** `RESULT` = ⌊√FIRST⌋, digit by digit. Changes FIRST, r20 to r27 and r0. */
export const ROOT: SharedFunction = { name: 'sparrow_root', code: makeRoot() };

function makeRoot(): Assembly {
  const assembly = new Assembly('sparrow_root');
  const { emit } = assembly;
  const remainder: readonly Register[] = [20, 21, 22];
  const trial: readonly Register[] = [23, 24, CARRY];
  for (const register of [...remainder, ...RESULT]) emit('clr', r(register));
  assembly.repeat({ register: DIGITS }, 16, DIGITS, () => {
    double(assembly, [...FIRST, ...remainder]);
    double(assembly, [...FIRST, ...remainder]);
    RESULT.forEach((register, byte) => emit('mov', r(trial[byte]), r(register)));
    emit('clr', r(trial[2]));
    double(assembly, trial);
    double(assembly, trial);
    emit('ori', r(trial[0]), 1);
    combine(assembly, SUBTRACT, remainder, trial);
    emit('sbc', r(MASK), r(MASK));
    restore(assembly, remainder, trial);
  });
  emit('ret');
  return assembly;
}
