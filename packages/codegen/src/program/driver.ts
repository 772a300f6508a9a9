import type { MemoryPlan, Ring } from '@sparrow/model';
import { Assembly } from '../assembly/assembly.ts';
import {
  addToPair,
  clearMemory,
  copy,
  loadImmediatePair,
  loadPair,
  multiplyAdd,
  storePair,
} from '../assembly/idioms.ts';
import { r, type Register, X, Z } from '../assembly/registers.ts';
import { absorbRow } from '../preprocessing/absorb.ts';
import { type PreprocessingLayout, preprocessingLayout } from '../preprocessing/layout.ts';
import { beginArrival, eachRow, onceComplete } from '../preprocessing/loops.ts';
import { MAKE_ROW, PLACE_IMAGE, TAKE_ROW } from '../preprocessing/names.ts';
import { placeImage } from '../preprocessing/place.ts';
import { resampleRow } from '../preprocessing/resample.ts';
import { ARENA, ringBase } from '../rows.ts';
import { inputToClear, type Schedule } from './schedule.ts';
import { CURSOR, NEXT, type StepCode } from './step-code.ts';

export const SCHEDULE = 'sparrow_schedule';
/** Called from C: before an image, and when a row of it is there. */
export const BEGIN = 'sparrow_begin';
export const PUSH_ROW = 'sparrow_push_row';
/** Ends a row. */
export const DONE = 'sparrow_done';
/** Runs all steps that a row of a preprocessed image makes possible. */
export const RUN_ROW = 'sparrow_run_row';
/** Addresses of code, in words. */
export const JUMPS = 'sparrow_jumps';

/** A function of the program around the steps. */
export interface DriverFunction {
  readonly name: string;
  /** Called from C. */
  readonly global: boolean;
  readonly assembly: Assembly;
}

/** The functions that C calls, and what leads from one step to the next. */
export function makeDriver(plan: MemoryPlan, schedule: Schedule, saved: readonly Register[]): DriverFunction[] {
  const preprocessing = preprocessingLayout(plan);
  // What enters the schedule falls through into NEXT, and must stand right before it: `run` keeps its order.
  const [begin, row, ...run] = preprocessing
    ? preprocessedInput(plan, schedule, preprocessing, saved)
    : directInput(plan, schedule, saved);
  return [
    begin,
    row,
    make('sparrow_logits', true, (assembly) => {
      const logits = plan.accumulators[plan.steps.length - 1];
      loadImmediatePair(assembly, 24, `${ARENA} + ${logits?.offset}`);
      assembly.emit('ret');
    }),
    ...run,
    ...schedule.cleared.map((ring) =>
      make(clearName(ring), false, (assembly) => {
        storePair(assembly, CURSOR, X);
        assembly.phase('borders', () => clearMemory(assembly, `${ARENA} + ${ring.offset}`, ring.bytes));
        assembly.jump(NEXT);
      }),
    ),
  ];
}

function make(name: string, global: boolean, body: (assembly: Assembly) => void): DriverFunction {
  const assembly = new Assembly(name);
  body(assembly);
  return { name, global, assembly };
}

/** Rows are computed with as they come. */
function directInput(plan: MemoryPlan, schedule: Schedule, saved: readonly Register[]): DriverFunction[] {
  return [
    make(BEGIN, true, (assembly) => {
      setCursor(assembly);
      clearInput(assembly, plan);
      assembly.emit('ret');
    }),
    make('sparrow_row_buffer', true, (assembly) => {
      rowAddress(assembly, plan, schedule);
      assembly.emit('ret');
    }),
    make(PUSH_ROW, true, (assembly) => {
      save(assembly, saved);
      enterSchedule(assembly, schedule);
    }),
    make(NEXT, false, (assembly) => next(assembly)),
    make(DONE, false, (assembly) => {
      storePair(assembly, CURSOR, X);
      assembly.emit('clr', 'r1');
      returnToC(assembly, saved);
    }),
  ];
}

/** Rows are kept until the last one has come; then those of the preprocessed image are made one by one, and computed with. */
function preprocessedInput(
  plan: MemoryPlan,
  schedule: Schedule,
  layout: PreprocessingLayout,
  saved: readonly Register[],
): DriverFunction[] {
  return [
    make(BEGIN, true, (assembly) => {
      setCursor(assembly);
      beginArrival(assembly, layout);
      assembly.emit('ret');
    }),
    make('sparrow_row_buffer', true, (assembly) => {
      loadImmediatePair(assembly, 24, layout.arrival);
      assembly.emit('ret');
    }),
    make(PUSH_ROW, true, (assembly) => {
      save(assembly, saved);
      assembly.emit('rcall', TAKE_ROW);
      onceComplete(assembly, layout, () => {
        assembly.emit('rcall', PLACE_IMAGE);
        clearInput(assembly, plan);
        eachRow(assembly, layout, () => {
          assembly.emit('rcall', MAKE_ROW);
          assembly.emit('rcall', RUN_ROW);
        });
      });
      assembly.emit('clr', 'r1');
      returnToC(assembly, saved);
    }),
    make(TAKE_ROW, false, (assembly) => {
      absorbRow(assembly, layout);
      assembly.emit('ret');
    }),
    make(PLACE_IMAGE, false, (assembly) => {
      placeImage(assembly, layout);
      assembly.emit('ret');
    }),
    make(MAKE_ROW, false, (assembly) => {
      rowAddress(assembly, plan, schedule);
      assembly.emit('movw', r(X), r(24));
      resampleRow(assembly, layout);
      assembly.emit('ret');
    }),
    make(RUN_ROW, false, (assembly) => enterSchedule(assembly, schedule)),
    make(NEXT, false, (assembly) => next(assembly)),
    make(DONE, false, (assembly) => {
      storePair(assembly, CURSOR, X);
      assembly.emit('ret');
    }),
  ];
}

function clearName({ tensor }: Ring): string {
  return `sparrow_clear_${tensor}`;
}

function setCursor(assembly: Assembly): void {
  loadImmediatePair(assembly, 24, SCHEDULE);
  storePair(assembly, CURSOR, 24);
}

function clearInput(assembly: Assembly, plan: MemoryPlan): void {
  const ring = inputToClear(plan);
  if (ring) clearMemory(assembly, `${ARENA} + ${ring.offset}`, ring.bytes);
}

/** r24 = where the next row of the input goes: the schedule's next byte is its slot. */
function rowAddress(assembly: Assembly, plan: MemoryPlan, { hasInputSlots }: Schedule): void {
  const { emit } = assembly;
  const ring = plan.rings[0] as Ring;
  if (hasInputSlots) {
    loadPair(assembly, Z, CURSOR);
    emit('lpm', 'r22', 'Z');
    multiplyAdd(assembly, 24, ringBase(ring), 22, ring.rowBytes, 23);
    emit('clr', 'r1');
  } else loadImmediatePair(assembly, 24, ringBase(ring));
}

/** What the caller wants saved. */
function save(assembly: Assembly, saved: readonly Register[]): void {
  for (const register of saved) assembly.emit('push', r(register));
}

function returnToC(assembly: Assembly, saved: readonly Register[]): void {
  for (const register of [...saved].reverse()) assembly.emit('pop', r(register));
  assembly.emit('ret');
}

/** Falls into the loop over the schedule. */
function enterSchedule(assembly: Assembly, { hasInputSlots }: Schedule): void {
  if (!hasInputSlots) return;
  loadPair(assembly, X, CURSOR);
  addToPair(assembly, X, 1);
  storePair(assembly, CURSOR, X);
}

/** Reads an entry, and jumps to what it stands for, with X at the bytes behind it. */
function next(assembly: Assembly): void {
  const { emit } = assembly;
  loadPair(assembly, Z, CURSOR);
  emit('lpm', 'r24', 'Z+');
  copy(assembly, [X, X + 1], [Z, Z + 1]);
  emit('add', 'r24', 'r24');
  emit('clr', 'r1');
  loadImmediatePair(assembly, Z, JUMPS);
  emit('add', r(Z), 'r24');
  emit('adc', r(Z + 1), 'r1');
  emit('lpm', 'r24', 'Z+');
  emit('lpm', 'r25', 'Z');
  copy(assembly, [Z, Z + 1], [24, 25]);
  emit('ijmp');
}

/** What the schedule's entries stand for, in their order. */
export function jumpTargets(steps: readonly StepCode[], { cleared }: Schedule): string[] {
  return [DONE, ...steps.map(({ name }) => `run_${name}`), ...cleared.map(clearName)];
}
