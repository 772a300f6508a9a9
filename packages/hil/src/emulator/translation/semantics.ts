import { ARITHMETIC } from './arithmetic.ts';
import { Z, type Instruction, type Operation } from './instructions.ts';
import { IO_ACCESSES } from './io-access.ts';
import { pair, register, RESULT } from './machine-state.ts';
import { MEMORY_ACCESSES } from './memory-access.ts';
import { and, constant, equal, isZero, load8, set, type Code } from './wasm.ts';

/** Code that leaves to the interpreter before the current instruction if `condition` holds. No local may have changed by then. */
export type LeaveIf = (condition: Code) => Code;
export type Semantics = (instruction: Instruction, leaveIf: LeaveIf) => Code;

const SEMANTICS: Partial<Record<Operation, Semantics>> = { ...ARITHMETIC, ...MEMORY_ACCESSES, ...IO_ACCESSES };

/** What an instruction does, other than change the flow of control. */
export function semantics(instruction: Instruction, leaveIf: LeaveIf): Code {
  const translate = SEMANTICS[instruction.operation];
  if (!translate) throw new Error(`the flow of control changes at ${instruction.operation}: it has to end its block`);
  return translate(instruction, leaveIf);
}

/** Not 0 if a skip instruction skips. */
export function skipCondition({ operation, d, r, value, bit }: Instruction): Code {
  switch (operation) {
    case 'cpse':
      return equal(register(d), register(r));
    case 'sbrc':
      return isZero(and(register(r), constant(1 << bit)));
    case 'sbrs':
      return and(register(r), constant(1 << bit));
    case 'sbic':
      return isZero(and(load8(constant(value)), constant(1 << bit)));
    default:
      return and(load8(constant(value)), constant(1 << bit));
  }
}

/** RESULT = Z: where IJMP and ICALL go. */
export const indirectTarget = (): Code => set(RESULT, pair(Z));
