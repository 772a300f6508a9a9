import { BUDGET as BUDGET_CELL, LOWEST_STACK_POINTER as LOWEST_CELL } from './layout.ts';
import { INTERRUPTS_ENABLED, SPL, SREG } from '../memory-map.ts';
import {
  and,
  constant,
  get,
  isZero,
  load16,
  load32,
  load8,
  or,
  sequence,
  set,
  shiftLeft,
  shiftRight,
  store16,
  store32,
  store8,
  xor,
  type Code,
} from './wasm.ts';

/**
 * The locals in which translated code keeps the CPU. Registers hold 0 to 255. Flags are not computed but kept as values that they follow
 * from, so that a flag which nobody reads costs nothing:
 *   C = bit 8 of CARRY;  H = bit 4 of HALF;  V = bit 7 ^ bit 8 of OVERFLOW;  N = bit 7 of NEGATIVE;  Z = (ZERO is 0);
 *   S = N ^ V ^ bit 7 of SIGN (which is 0 unless a program has set S apart from N and V);  T = bit 6 of COPY.
 * For `u = left ± right ± carry` and `x = left ^ right ^ u`, the carries into each bit: CARRY = u, HALF = OVERFLOW = x.
 * I stays in memory, in SREG's bit 7.
 */
export const BLOCK = 0;
const REGISTER = 1;
export const CARRY = 33;
export const HALF = 34;
export const OVERFLOW = 35;
export const NEGATIVE = 36;
export const ZERO = 37;
export const SIGN = 38;
export const COPY = 39;
export const STACK_POINTER = 40;
export const LOWEST = 41;
export const BUDGET = 42;
/** Where execution goes on, on leaving. */
export const PC = 43;
export const ADDRESS = 44;
export const RESULT = 45;
/** Beside BLOCK, the argument. */
export const LOCALS = 45;

export const low8 = (value: Code): Code => and(value, constant(0xff));
export const register = (r: number): Code => get(REGISTER + r);
export const setRegister = (r: number, value: Code): Code => set(REGISTER + r, value);
/** The 16 bits of registers r (low) and r+1. */
export const pair = (r: number): Code => or(register(r), shiftLeft(register(r + 1), constant(8)));
/** Splits the 16 bits in `local` over registers r and r+1. */
export const setPair = (r: number, local: number): Code =>
  setRegister(r, low8(get(local))) + setRegister(r + 1, low8(shiftRight(get(local), constant(8))));

const bits = (value: Code, mask: number): Code => and(value, constant(mask));

/** Bit 7 of this is V. */
const overflowBit = (): Code => xor(get(OVERFLOW), shiftRight(get(OVERFLOW), constant(1)));
/** Bit 7 of this is S. */
const signBit = (): Code => xor(xor(get(NEGATIVE), overflowBit()), get(SIGN));

/** Not 0 if the SREG bit is set. */
export function flag(bit: number): Code {
  switch (bit) {
    case 0:
      return bits(get(CARRY), 0x100);
    case 1:
      return isZero(get(ZERO));
    case 2:
      return bits(get(NEGATIVE), 0x80);
    case 3:
      return bits(overflowBit(), 0x80);
    case 4:
      return bits(signBit(), 0x80);
    case 5:
      return bits(get(HALF), 0x10);
    case 6:
      return bits(get(COPY), 0x40);
    default:
      return bits(load8(constant(SREG)), INTERRUPTS_ENABLED);
  }
}

/** BSET and BCLR of one SREG bit. S keeps its value when N or V are set. */
export function setFlag(bit: number, value: 0 | 1): Code {
  const keepingSign = (code: Code): Code =>
    sequence(set(RESULT, signBit()), code, set(SIGN, xor(get(RESULT), xor(get(NEGATIVE), overflowBit()))));
  switch (bit) {
    case 0:
      return set(CARRY, constant(value << 8));
    case 1:
      return set(ZERO, constant(1 - value));
    case 2:
      return keepingSign(set(NEGATIVE, constant(value << 7)));
    case 3:
      return keepingSign(set(OVERFLOW, constant(value << 7)));
    case 4:
      return set(SIGN, xor(constant(value << 7), xor(get(NEGATIVE), overflowBit())));
    case 5:
      return set(HALF, constant(value << 4));
    case 6:
      return set(COPY, constant(value << 6));
    default:
      return store8(
        constant(SREG),
        value ? or(load8(constant(SREG)), constant(0x80)) : bits(load8(constant(SREG)), 0x7f),
      );
  }
}

/** SREG's value, I included. */
export function composeSreg(): Code {
  return [
    bits(load8(constant(SREG)), INTERRUPTS_ENABLED),
    bits(get(COPY), 0x40),
    shiftLeft(bits(get(HALF), 0x10), constant(1)),
    shiftRight(bits(signBit(), 0x80), constant(3)),
    shiftRight(bits(overflowBit(), 0x80), constant(4)),
    shiftRight(bits(get(NEGATIVE), 0x80), constant(5)),
    shiftLeft(isZero(get(ZERO)), constant(1)),
    shiftRight(bits(get(CARRY), 0x100), constant(8)),
  ].reduce(or);
}

/** Sets the flag locals from an SREG value. */
export function decomposeSreg(sreg: Code): Code {
  const part = (mask: number, left: number): Code => shiftLeft(bits(sreg, mask), constant(left));
  return sequence(
    set(CARRY, part(0x01, 8)),
    set(ZERO, xor(bits(sreg, 0x02), constant(0x02))),
    set(NEGATIVE, part(0x04, 5)),
    set(OVERFLOW, part(0x08, 4)),
    set(SIGN, xor(xor(part(0x10, 3), get(NEGATIVE)), get(OVERFLOW))),
    set(HALF, shiftRight(bits(sreg, 0x20), constant(1))),
    set(COPY, bits(sreg, 0x40)),
  );
}

/** Memory → locals, for the `registers` that the code touches. */
export function loadState(registers: readonly number[]): Code {
  return sequence(
    ...registers.map((register) => set(REGISTER + register, load8(constant(register)))),
    set(RESULT, load8(constant(SREG))),
    decomposeSreg(get(RESULT)),
    set(STACK_POINTER, load16(constant(SPL))),
    set(LOWEST, load32(constant(LOWEST_CELL))),
    set(BUDGET, load32(constant(BUDGET_CELL))),
  );
}

/** Locals → memory. */
export function storeState(registers: readonly number[]): Code {
  return sequence(
    ...registers.map((register) => store8(constant(register), get(REGISTER + register))),
    store8(constant(SREG), composeSreg()),
    store16(constant(SPL), get(STACK_POINTER)),
    store32(constant(LOWEST_CELL), get(LOWEST)),
    store32(constant(BUDGET_CELL), get(BUDGET)),
  );
}
