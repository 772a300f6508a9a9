import type { MemoryPlan, Step } from '@sparrow/model';
import type { Assembly, SharedFunction } from '../assembly/assembly.ts';
import type { Register } from '../assembly/registers.ts';
import type { PrintedStep } from '../context.ts';
import { preprocessingScratchBytes } from '../preprocessing/layout.ts';
import { type AvrProgram } from './avr.ts';
import { makeDriver } from './driver.ts';
import { makeSchedule, type Schedule } from './schedule.ts';
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
  const driver = makeDriver(plan, schedule, savedRegisters(plan, schedule, near));
  const shared = sharedFunctions([...near, ...driver]);
  const windowRows = Math.max(0, ...chosen.map(({ printed }) => printed.windowRows ?? 0));
  // Steps jump and call back to what comes first.
  const first = [...shared.map(({ code }) => code), ...driver.map(({ assembly }) => assembly)];
  let end = first.reduce((sum, { words }) => sum + words, 0);
  const steps = near.map((code): StepCode => {
    end += code.assembly.words;
    if (end <= REACH) return code;
    const far = compile(code.name, code.step, code.printed, true);
    end += far.assembly.words - code.assembly.words;
    return far;
  });
  const scratchBytes = Math.max(preprocessingScratchBytes(plan), ...steps.map((code) => code.scratchBytes));
  return { plan, steps, schedule, driver, shared, windowRows, scratchBytes };
}

function compile(name: string, step: Step, printed: PrintedStep, far: boolean): StepCode {
  const code = compileStep(name, step, printed, far);
  if (!code) throw new Error(`${name}: what fitted the registers does not fit any more`);
  return code;
}

/** What the calling convention of C wants saved (avr-gcc's ABI). */
const CALL_SAVED: readonly Register[] = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29];

function sharedFunctions(callers: readonly { readonly assembly: Assembly }[]): SharedFunction[] {
  return [...new Set(callers.flatMap(({ assembly }) => [...assembly.calls]))];
}

/** Those that code changes: the driver's does not depend on what it saves. */
function savedRegisters(plan: MemoryPlan, schedule: Schedule, steps: readonly StepCode[]): Register[] {
  const callers = [...steps, ...makeDriver(plan, schedule, [])];
  const code = [...callers.map(({ assembly }) => assembly), ...sharedFunctions(callers).map((each) => each.code)];
  const used = new Set(code.flatMap(({ registers }) => [...registers]));
  return CALL_SAVED.filter((register) => used.has(register));
}
