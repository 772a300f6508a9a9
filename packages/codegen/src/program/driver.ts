import type { MemoryPlan, Ring } from '@sparrow/model';
import { Assembly } from '../assembly/assembly.ts';
import { addToPair, copy, loadImmediatePair, loadPair, multiplyAdd, storePair } from '../assembly/idioms.ts';
import { r, type Register, X, Z } from '../assembly/registers.ts';
import { ARENA, ringBase } from '../rows.ts';
import { inputToClear, type Schedule } from './schedule.ts';
import { CURSOR, NEXT, type StepCode } from './step-code.ts';

export const SCHEDULE = 'sparrow_schedule';
const DONE = 'sparrow_done';
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
  const make = (name: string, global: boolean, body: (assembly: Assembly) => void): DriverFunction => {
    const assembly = new Assembly(name);
    body(assembly);
    return { name, global, assembly };
  };
  return [
    make('sparrow_begin', true, (assembly) => begin(assembly, plan)),
    make('sparrow_row_buffer', true, (assembly) => rowBuffer(assembly, plan, schedule)),
    make('sparrow_logits', true, (assembly) => {
      const logits = plan.accumulators[plan.steps.length - 1];
      loadImmediatePair(assembly, 24, `${ARENA} + ${logits?.offset}`);
      assembly.emit('ret');
    }),
    make('sparrow_push_row', true, (assembly) => pushRow(assembly, schedule, saved)),
    make(NEXT, false, (assembly) => next(assembly)),
    make(DONE, false, (assembly) => done(assembly, saved)),
    ...schedule.cleared.map((ring) =>
      make(clearName(ring), false, (assembly) => {
        storePair(assembly, CURSOR, X);
        assembly.phase('borders', () => clear(assembly, ring));
        assembly.jump(NEXT);
      }),
    ),
  ];
}

function clearName({ tensor }: Ring): string {
  return `sparrow_clear_${tensor}`;
}

function begin(assembly: Assembly, plan: MemoryPlan): void {
  loadImmediatePair(assembly, 24, SCHEDULE);
  storePair(assembly, CURSOR, 24);
  const ring = inputToClear(plan);
  if (ring) clear(assembly, ring);
  assembly.emit('ret');
}

/** Zeroes a ring; leaves r1 = 0. */
function clear(assembly: Assembly, { offset, bytes }: Ring): void {
  const { emit } = assembly;
  loadImmediatePair(assembly, X, `${ARENA} + ${offset}`);
  emit('clr', 'r1');
  // Whole rounds of 255 bytes at most, then the rest.
  const rest = bytes % 255;
  const rounds = Math.floor(bytes / 255);
  const zero = (count: number): void => {
    emit('ldi', 'r24', count);
    assembly.countDown({ register: 24 }, count, () => emit('st', 'X+', 'r1'));
  };
  if (rounds > 0) assembly.repeat({ register: 25 }, rounds, 25, () => zero(255));
  if (rest > 0) zero(rest);
}

/** The schedule's next byte is the slot of the next row. */
function rowBuffer(assembly: Assembly, plan: MemoryPlan, { hasInputSlots }: Schedule): void {
  const { emit } = assembly;
  const ring = plan.rings[0] as Ring;
  if (hasInputSlots) {
    loadPair(assembly, Z, CURSOR);
    emit('lpm', 'r22', 'Z');
    multiplyAdd(assembly, 24, ringBase(ring), 22, ring.rowBytes, 23);
    emit('clr', 'r1');
  } else loadImmediatePair(assembly, 24, ringBase(ring));
  emit('ret');
}

/** Saves what the caller wants saved, and falls into the loop over the schedule. */
function pushRow(assembly: Assembly, { hasInputSlots }: Schedule, saved: readonly Register[]): void {
  for (const register of saved) assembly.emit('push', r(register));
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

function done(assembly: Assembly, saved: readonly Register[]): void {
  const { emit } = assembly;
  storePair(assembly, CURSOR, X);
  emit('clr', 'r1');
  for (const register of [...saved].reverse()) emit('pop', r(register));
  emit('ret');
}
