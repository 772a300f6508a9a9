/**
 * Instructions of WebAssembly (core specification 2.0, chapter 5.4) as far as the translator needs them. Code is binary: each character
 * is a byte. The engine's ropes make `a + b` cheap, however long the parts are.
 */
export type Code = string;

export const NOTHING: Code = '';
export const bytes = (...values: readonly number[]): Code => String.fromCharCode(...values);
export const sequence = (...parts: readonly Code[]): Code => parts.reduce((whole, part) => whole + part, NOTHING);

/** LEB128 */
export function unsigned(value: number): Code {
  return value < 0x80 ? bytes(value) : bytes((value & 0x7f) | 0x80) + unsigned(value >>> 7);
}

/** LEB128 */
function signed(value: number): Code {
  return value >= -64 && value < 64 ? bytes(value & 0x7f) : bytes((value & 0x7f) | 0x80) + signed(value >> 7);
}

/** Of memory accesses: the alignment (a hint) of one byte. */
const UNALIGNED = bytes(0);
const NO_OFFSET = bytes(0);
const NO_RESULT = bytes(0x40);
const END = bytes(0x0b);

const unary = (opcode: number) => {
  const suffix = bytes(opcode);
  return (operand: Code): Code => operand + suffix;
};
const binary = (opcode: number) => {
  const suffix = bytes(opcode);
  return (left: Code, right: Code): Code => left + right + suffix;
};
const load = (opcode: number) => {
  const suffix = bytes(opcode) + UNALIGNED;
  return (address: Code, offset = 0): Code => address + suffix + unsigned(offset);
};
const store = (opcode: number) => {
  const suffix = bytes(opcode) + UNALIGNED + NO_OFFSET;
  return (address: Code, value: Code): Code => address + value + suffix;
};

/** A 32-bit integer, as are all values here. */
export const constant = (value: number): Code => bytes(0x41) + signed(value);
export const get = (local: number): Code => bytes(0x20, local);
export const set = (local: number, value: Code): Code => value + bytes(0x21, local);
export const isZero = unary(0x45);
export const equal = binary(0x46);
export const lessSigned = binary(0x48);
export const greaterOrEqualUnsigned = binary(0x4f);
export const add = binary(0x6a);
export const subtract = binary(0x6b);
export const multiply = binary(0x6c);
export const and = binary(0x71);
export const or = binary(0x72);
export const xor = binary(0x73);
export const shiftLeft = binary(0x74);
export const shiftRight = binary(0x76);
export const signExtend8 = unary(0xc0);
export const load8 = load(0x2d);
export const load16 = load(0x2f);
export const load32 = load(0x28);
export const store8 = store(0x3a);
export const store16 = store(0x3b);
export const store32 = store(0x36);

/** `whenTrue` if `condition` is not 0, else `whenFalse`; both are evaluated. */
export const select = (whenTrue: Code, whenFalse: Code, condition: Code): Code =>
  whenTrue + whenFalse + condition + bytes(0x1b);

const BLOCK = bytes(0x02) + NO_RESULT;
export const block = (body: Code): Code => BLOCK + body + END;
export const loop = (body: Code): Code => bytes(0x03) + NO_RESULT + body + END;
export const when = (condition: Code, body: Code): Code => condition + bytes(0x04) + NO_RESULT + body + END;
/** `depth` counts the constructs around: 0 is the innermost. */
export const branch = (depth: number): Code => bytes(0x0c) + unsigned(depth);
export const branchIf = (condition: Code, depth: number): Code => condition + bytes(0x0d) + unsigned(depth);
/** To `depths[index]`, or the last of them if there is none. */
export const branchTable = (index: Code, depths: readonly number[]): Code =>
  sequence(index, bytes(0x0e), unsigned(depths.length - 1), ...depths.map(unsigned));
export const returnValue = (value: Code): Code => value + bytes(0x0f);
/** Calls the function at `index` of the module's table; its type is the module's type 0. */
export const callIndirect = (argument: Code, index: Code): Code => argument + index + bytes(0x11, 0, 0);
