import { X, Y, Z, type Operation } from './instructions.ts';
import { FLASH } from './layout.ts';
import { ADDRESS, LOWEST, pair, register, RESULT, setPair, setRegister, STACK_POINTER } from './machine-state.ts';
import { SRAM_BYTES, SRAM_START } from '../memory-map.ts';
import type { LeaveIf, Semantics } from './semantics.ts';
import {
  add,
  constant,
  get,
  greaterOrEqualUnsigned,
  lessSigned,
  load8,
  or,
  select,
  sequence,
  set,
  shiftLeft,
  store8,
  subtract,
  type Code,
} from './wasm.ts';

/** True of an address in the local that is not in SRAM, or (`bytes` = 2) the one after is not. */
const outsideSram = (address: Code, bytes = 1): Code =>
  greaterOrEqualUnsigned(subtract(address, constant(SRAM_START)), constant(SRAM_BYTES - bytes + 1));

/** ADDRESS = pointer + displacement, to be in SRAM; then the access. */
const at = (pointer: number, displacement: number, leaveIf: LeaveIf, access: Code): Code =>
  sequence(
    set(ADDRESS, displacement ? add(pair(pointer), constant(displacement)) : pair(pointer)),
    leaveIf(outsideSram(get(ADDRESS))),
    access,
  );

const increment = (pointer: number): Code =>
  sequence(set(ADDRESS, add(get(ADDRESS), constant(1))), setPair(pointer, ADDRESS));

const loadTo = (d: number): Code => setRegister(d, load8(get(ADDRESS)));
const storeFrom = (r: number): Code => store8(get(ADDRESS), register(r));

const load =
  (pointer: number): Semantics =>
  ({ d, value }, leaveIf) =>
    at(pointer, value, leaveIf, loadTo(d));
const loadIncrement =
  (pointer: number): Semantics =>
  ({ d }, leaveIf) =>
    at(pointer, 0, leaveIf, sequence(loadTo(d), increment(pointer)));
const loadDecrement =
  (pointer: number): Semantics =>
  ({ d }, leaveIf) =>
    at(pointer, -1, leaveIf, sequence(setPair(pointer, ADDRESS), loadTo(d)));
const store =
  (pointer: number): Semantics =>
  ({ r, value }, leaveIf) =>
    at(pointer, value, leaveIf, storeFrom(r));
const storeIncrement =
  (pointer: number): Semantics =>
  ({ r }, leaveIf) =>
    at(pointer, 0, leaveIf, sequence(storeFrom(r), increment(pointer)));
const storeDecrement =
  (pointer: number): Semantics =>
  ({ r }, leaveIf) =>
    at(pointer, -1, leaveIf, sequence(storeFrom(r), setPair(pointer, ADDRESS)));

const loadProgram = (d: number): Code => sequence(set(ADDRESS, pair(Z)), setRegister(d, load8(get(ADDRESS), FLASH)));

/** SP −= bytes, and its minimum. */
const growStack = (bytes: number): Code =>
  sequence(set(STACK_POINTER, subtract(get(STACK_POINTER), constant(bytes))), keepLowest());
export const keepLowest = (): Code =>
  set(LOWEST, select(get(STACK_POINTER), get(LOWEST), lessSigned(get(STACK_POINTER), get(LOWEST))));

/** Pushes a return address, a word address. */
export const pushAddress = (address: number, leaveIf: LeaveIf): Code =>
  sequence(
    leaveIf(outsideSram(subtract(get(STACK_POINTER), constant(1)), 2)),
    store8(get(STACK_POINTER), constant(address & 0xff)),
    store8(subtract(get(STACK_POINTER), constant(1)), constant(address >> 8)),
    growStack(2),
  );

/** RESULT = the popped return address. */
export const popAddress = (leaveIf: LeaveIf): Code =>
  sequence(
    leaveIf(outsideSram(add(get(STACK_POINTER), constant(1)), 2)),
    set(RESULT, or(shiftLeft(load8(get(STACK_POINTER), 1), constant(8)), load8(get(STACK_POINTER), 2))),
    set(STACK_POINTER, add(get(STACK_POINTER), constant(2))),
  );

/** Loads and stores through pointers and on the stack. Addresses outside of SRAM are the interpreter's. */
export const MEMORY_ACCESSES: Partial<Record<Operation, Semantics>> = {
  'ld x': load(X),
  'ld x+': loadIncrement(X),
  'ld -x': loadDecrement(X),
  'ld y+': loadIncrement(Y),
  'ld -y': loadDecrement(Y),
  'ldd y': load(Y),
  'ld z+': loadIncrement(Z),
  'ld -z': loadDecrement(Z),
  'ldd z': load(Z),
  'st x': store(X),
  'st x+': storeIncrement(X),
  'st -x': storeDecrement(X),
  'st y+': storeIncrement(Y),
  'st -y': storeDecrement(Y),
  'std y': store(Y),
  'st z+': storeIncrement(Z),
  'st -z': storeDecrement(Z),
  'std z': store(Z),
  'lpm r0': () => loadProgram(0),
  'lpm z': ({ d }) => loadProgram(d),
  'lpm z+': ({ d }) => sequence(loadProgram(d), increment(Z)),
  push: ({ r }, leaveIf) =>
    sequence(leaveIf(outsideSram(get(STACK_POINTER))), store8(get(STACK_POINTER), register(r)), growStack(1)),
  pop: ({ d }, leaveIf) =>
    sequence(
      leaveIf(outsideSram(add(get(STACK_POINTER), constant(1)))),
      set(STACK_POINTER, add(get(STACK_POINTER), constant(1))),
      setRegister(d, load8(get(STACK_POINTER))),
    ),
};
