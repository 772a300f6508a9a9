import { iterations, type Step } from '@sparrow/model';
import { Assembly, type Environment } from '../assembly/assembly.ts';
import { r, X, Z } from '../assembly/registers.ts';
import { storePair } from '../assembly/idioms.ts';
import { addScaled, emptyLedger, type Ledger } from '../assembly/ledger.ts';
import type { Operand, PrintedStep } from '../context.ts';
import { Scratch } from '../scratch.ts';

/** Where the driver keeps its place in the schedule, and where steps go back to. */
export const CURSOR = 'sparrow_cursor';
export const NEXT = 'sparrow_next';

/** A step, compiled. */
export interface StepCode {
  readonly name: string;
  readonly step: Step;
  readonly printed: PrintedStep;
  readonly assembly: Assembly;
  readonly scratchBytes: number;
  /** Those that the schedule carries, in this order. */
  readonly operands: readonly Operand[];
}

const FIRST_OPERAND_REGISTER = 2;

function varies({ values }: Operand): boolean {
  return values.some((value) => value !== values[0]);
}

/** Undefined if this way of computing the step has no place in the registers. */
export function compileStep(name: string, step: Step, printed: PrintedStep, far: boolean): StepCode | undefined {
  const assembly = new Assembly(name, far);
  const scratch = new Scratch();
  const operands = printed.operands.filter(varies);
  assembly.emit('movw', r(Z), r(X));
  operands.forEach((_, index) => assembly.emit('lpm', r(FIRST_OPERAND_REGISTER + index), 'Z+'));
  storePair(assembly, CURSOR, Z);
  const compiled = printed.emit({
    assembly,
    scratch,
    operand(operandName) {
      const index = operands.findIndex((operand) => operand.name === operandName);
      if (index >= 0) return { register: FIRST_OPERAND_REGISTER + index };
      const constant = printed.operands.find((operand) => operand.name === operandName);
      if (!constant) throw new Error(`${name} has no operand ${operandName}`);
      return { constant: constant.values[0] };
    },
  });
  if (!compiled) return undefined;
  assembly.jump(NEXT);
  return { name, step, printed, assembly, scratchBytes: scratch.bytes, operands };
}

export function environmentOf({ printed }: StepCode, iteration: number): Environment {
  return {
    ...Object.fromEntries(printed.operands.map(({ name, values }) => [name, values[iteration]])),
    ...printed.environment?.(iteration),
  };
}

/** Cycles of all iterations, without the driver. */
export function stepCycles(code: StepCode): Ledger {
  const ledger = emptyLedger();
  for (let iteration = 0; iteration < iterations(code.step); iteration++) {
    addScaled(ledger, code.assembly.cycles(environmentOf(code, iteration)), 1);
  }
  return ledger;
}
