import type { Operation } from './instructions.ts';
import {
  ADDRESS,
  CARRY,
  COPY,
  HALF,
  low8,
  NEGATIVE,
  OVERFLOW,
  pair,
  register,
  RESULT,
  setPair,
  setRegister,
  SIGN,
  ZERO,
} from './machine-state.ts';
import type { Semantics } from './semantics.ts';
import {
  add,
  and,
  constant,
  get,
  multiply,
  NOTHING,
  or,
  sequence,
  set,
  shiftLeft,
  shiftRight,
  signExtend8,
  subtract,
  xor,
  type Code,
} from './wasm.ts';

const carryBit = (): Code => and(shiftRight(get(CARRY), constant(8)), constant(1));

/** N, Z and S of the result in register d, once V is set. */
const signFlags = (d: number): Code =>
  sequence(set(NEGATIVE, register(d)), set(ZERO, register(d)), set(SIGN, constant(0)));

/** C, H and V after RESULT = left ± right ± carry. */
const carryFlags = (left: Code, right: Code): Code =>
  sequence(set(CARRY, get(RESULT)), set(HALF, xor(xor(left, right), get(RESULT))), set(OVERFLOW, get(HALF)));

function addTo(d: number, right: Code, carry?: Code): Code {
  const sum = add(register(d), right);
  return sequence(
    set(RESULT, carry ? add(sum, carry) : sum),
    carryFlags(register(d), right),
    setRegister(d, low8(get(RESULT))),
    signFlags(d),
  );
}

/** RESULT = left − right − borrow, and all flags; with a borrow, Z is cleared only. */
function compare(left: Code, right: Code, borrow?: Code): Code {
  const difference = subtract(left, right);
  return sequence(
    set(RESULT, borrow ? subtract(difference, borrow) : difference),
    carryFlags(left, right),
    set(NEGATIVE, get(RESULT)),
    set(ZERO, borrow ? or(get(ZERO), low8(get(RESULT))) : low8(get(RESULT))),
    set(SIGN, constant(0)),
  );
}

const subtractFrom = (d: number, left: Code, right: Code, borrow?: Code): Code =>
  sequence(compare(left, right, borrow), setRegister(d, low8(get(RESULT))));

const logic = (d: number, result: Code): Code =>
  sequence(setRegister(d, result), set(OVERFLOW, constant(0)), signFlags(d));

/** INC and DEC: C and H stay. */
const step = (d: number, by: 1 | -1): Code =>
  sequence(
    set(RESULT, add(register(d), constant(by))),
    set(OVERFLOW, xor(xor(register(d), constant(1)), get(RESULT))),
    setRegister(d, low8(get(RESULT))),
    signFlags(d),
  );

/** ASR, LSR, ROR: `top` comes in as bit 7, bit 0 goes out to C, V = N ^ C. */
const shiftRightBy1 = (d: number, top: Code): Code =>
  sequence(
    set(RESULT, top),
    set(CARRY, shiftLeft(register(d), constant(8))),
    setRegister(d, or(shiftRight(register(d), constant(1)), get(RESULT))),
    set(OVERFLOW, xor(register(d), get(CARRY))),
    signFlags(d),
  );

/** ADIW and SBIW, with the carries of bits 15 and 16 moved to where those of bits 7 and 8 are. */
const addToPair = (d: number, value: number): Code =>
  sequence(
    set(ADDRESS, pair(d)),
    set(RESULT, add(get(ADDRESS), constant(value))),
    set(OVERFLOW, shiftRight(xor(get(ADDRESS), xor(constant(Math.abs(value)), get(RESULT))), constant(8))),
    set(CARRY, get(OVERFLOW)),
    setPair(d, RESULT),
    set(NEGATIVE, register(d + 1)),
    set(ZERO, and(get(RESULT), constant(0xffff))),
    set(SIGN, constant(0)),
  );

const signed = (r: number): Code => signExtend8(register(r));

/** All MULs: R1:R0 = product << shift; C = bit 15 of the product. */
const product = (left: Code, right: Code, shift: 0 | 1 = 0): Code =>
  sequence(
    set(RESULT, multiply(left, right)),
    set(CARRY, shiftRight(get(RESULT), constant(7))),
    shift ? set(RESULT, shiftLeft(get(RESULT), constant(1))) : NOTHING,
    setPair(0, RESULT),
    set(ZERO, and(get(RESULT), constant(0xffff))),
  );

/** What works on registers and flags only. */
export const ARITHMETIC: Partial<Record<Operation, Semantics>> = {
  add: ({ d, r }) => addTo(d, register(r)),
  adc: ({ d, r }) => addTo(d, register(r), carryBit()),
  sub: ({ d, r }) => subtractFrom(d, register(d), register(r)),
  sbc: ({ d, r }) => subtractFrom(d, register(d), register(r), carryBit()),
  cp: ({ d, r }) => compare(register(d), register(r)),
  cpc: ({ d, r }) => compare(register(d), register(r), carryBit()),
  cpi: ({ d, value }) => compare(register(d), constant(value)),
  subi: ({ d, value }) => subtractFrom(d, register(d), constant(value)),
  sbci: ({ d, value }) => subtractFrom(d, register(d), constant(value), carryBit()),
  neg: ({ d }) => subtractFrom(d, constant(0), register(d)),
  and: ({ d, r }) => logic(d, and(register(d), register(r))),
  andi: ({ d, value }) => logic(d, and(register(d), constant(value))),
  or: ({ d, r }) => logic(d, or(register(d), register(r))),
  ori: ({ d, value }) => logic(d, or(register(d), constant(value))),
  eor: ({ d, r }) => logic(d, xor(register(d), register(r))),
  com: ({ d }) => sequence(logic(d, xor(register(d), constant(0xff))), set(CARRY, constant(0x100))),
  inc: ({ d }) => step(d, 1),
  dec: ({ d }) => step(d, -1),
  asr: ({ d }) => shiftRightBy1(d, and(register(d), constant(0x80))),
  lsr: ({ d }) => shiftRightBy1(d, constant(0)),
  ror: ({ d }) => shiftRightBy1(d, and(shiftRight(get(CARRY), constant(1)), constant(0x80))),
  swap: ({ d }) => setRegister(d, low8(or(shiftLeft(register(d), constant(4)), shiftRight(register(d), constant(4))))),
  adiw: ({ d, value }) => addToPair(d, value),
  sbiw: ({ d, value }) => addToPair(d, -value),
  mul: ({ d, r }) => product(register(d), register(r)),
  muls: ({ d, r }) => product(signed(d), signed(r)),
  mulsu: ({ d, r }) => product(signed(d), register(r)),
  fmul: ({ d, r }) => product(register(d), register(r), 1),
  fmuls: ({ d, r }) => product(signed(d), signed(r), 1),
  fmulsu: ({ d, r }) => product(signed(d), register(r), 1),
  mov: ({ d, r }) => setRegister(d, register(r)),
  movw: ({ d, r }) => sequence(setRegister(d, register(r)), setRegister(d + 1, register(r + 1))),
  ldi: ({ d, value }) => setRegister(d, constant(value)),
  bst: ({ d, bit }) => set(COPY, shiftLeft(and(shiftRight(register(d), constant(bit)), constant(1)), constant(6))),
  bld: ({ d, bit }) =>
    setRegister(
      d,
      or(and(register(d), constant(~(1 << bit))), shiftLeft(shiftRight(get(COPY), constant(6)), constant(bit))),
    ),
  nop: () => NOTHING,
  wdr: () => NOTHING,
};
