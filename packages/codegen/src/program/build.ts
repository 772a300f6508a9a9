import type { MemoryPlan, Step } from '@sparrow/model';
import type { Register } from '../assembly/registers.ts';
import type { PrintedStep } from '../context.ts';
import { type AvrProgram } from './avr.ts';
import { makeDriver } from './driver.ts';
import { makeSchedule } from './schedule.ts';
import { openWindowCode } from '../window.ts';
import { compileStep, type StepCode } from './step-code.ts';

export interface ChosenStep {
  readonly name: string;
  readonly step: Step;
  readonly printed: PrintedStep;
}

/** A relative jump reaches 2,048 words back (AVR instruction set manual, RJMP). */
const REACH = 2048;

export function buildProgram(plan: MemoryPlan, chosen: readonly ChosenStep[]): AvrProgram {
  const near = chosen.map(({ name, step, printed }) => compile(name, step, printed, false));
  const schedule = makeSchedule(plan, near);
  const driver = makeDriver(plan, schedule, savedRegisters(near));
  const windowRows = Math.max(0, ...chosen.map(({ printed }) => printed.windowRows ?? 0));
  // Steps jump and call back to the driver, which comes first.
  let end = driver.reduce((sum, { assembly }) => sum + assembly.words, openWindowCode().words);
  const steps = near.map((code): StepCode => {
    end += code.assembly.words;
    if (end <= REACH) return code;
    const far = compile(code.name, code.step, code.printed, true);
    end += far.assembly.words - code.assembly.words;
    return far;
  });
  const scratchBytes = Math.max(0, ...steps.map((code) => code.scratchBytes));
  return { plan, steps, schedule, driver, windowRows, scratchBytes };
}

function compile(name: string, step: Step, printed: PrintedStep, far: boolean): StepCode {
  const code = compileStep(name, step, printed, far);
  if (!code) throw new Error(`${name}: what fitted the registers does not fit any more`);
  return code;
}

/** What the calling convention of C wants saved (avr-gcc's ABI). */
const CALL_SAVED: readonly Register[] = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29];

/** Those that steps change. */
function savedRegisters(steps: readonly StepCode[]): Register[] {
  const used = new Set<Register>();
  for (const { assembly } of steps) for (const register of assembly.registers) used.add(register);
  return CALL_SAVED.filter((register) => used.has(register));
}
