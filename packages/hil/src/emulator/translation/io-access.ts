import type { Operation } from './instructions.ts';
import { INTERRUPT_PENDING } from './layout.ts';
import { keepLowest } from './memory-access.ts';
import { composeSreg, decomposeSreg, low8, register, setFlag, setRegister, STACK_POINTER } from './machine-state.ts';
import { INTERRUPTS_ENABLED, SPH, SPL, SREG } from '../memory-map.ts';
import type { LeaveIf, Semantics } from './semantics.ts';
import {
  and,
  constant,
  get,
  load32,
  load8,
  NOTHING,
  or,
  select,
  sequence,
  set,
  shiftLeft,
  shiftRight,
  store8,
  type Code,
} from './wasm.ts';

const readIo = (d: number, address: number): Code => {
  if (address === SREG) return setRegister(d, composeSreg());
  if (address === SPL) return setRegister(d, low8(get(STACK_POINTER)));
  if (address === SPH) return setRegister(d, shiftRight(get(STACK_POINTER), constant(8)));
  return setRegister(d, load8(constant(address)));
};

const writeIo = (address: number, r: number, leaveIf: LeaveIf): Code => {
  const part = (mask: number, value: Code): Code =>
    set(STACK_POINTER, or(and(get(STACK_POINTER), constant(mask)), value));
  const plain = store8(constant(address), register(r));
  if (address === SREG) {
    const enables = and(register(r), constant(INTERRUPTS_ENABLED));
    return sequence(leaveIfPending(leaveIf, enables), plain, decomposeSreg(register(r)));
  }
  if (address === SPL) return sequence(part(0xff00, register(r)), keepLowest());
  if (address === SPH) return part(0xff, shiftLeft(register(r), constant(8)));
  return plain;
};

/** An interrupt that waits for I is the interpreter's. */
const leaveIfPending = (leaveIf: LeaveIf, enables: Code): Code =>
  leaveIf(select(load32(constant(INTERRUPT_PENDING)), constant(0), enables));

const changeBit = (address: number, change: (value: Code) => Code): Code =>
  store8(constant(address), change(load8(constant(address))));

/** Accesses to fixed addresses and to SREG. Where a peripheral listens, they are the interpreter's. */
export const IO_ACCESSES: Partial<Record<Operation, Semantics>> = {
  in: ({ d, value }) => readIo(d, value),
  out: ({ r, value }, leaveIf) => writeIo(value, r, leaveIf),
  lds: ({ d, value }) => setRegister(d, load8(constant(value))),
  sts: ({ r, value }) => store8(constant(value), register(r)),
  sbi: ({ value, bit }) => changeBit(value, (old) => or(old, constant(1 << bit))),
  cbi: ({ value, bit }) => changeBit(value, (old) => and(old, constant(~(1 << bit)))),
  bset: ({ bit }, leaveIf) => (bit === 7 ? leaveIfPending(leaveIf, constant(1)) : NOTHING) + setFlag(bit, 1),
  bclr: ({ bit }) => setFlag(bit, 0),
};
