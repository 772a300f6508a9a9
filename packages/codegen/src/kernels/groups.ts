import type { Encoding } from '../encodings/encoding.ts';
import { type Assembly, r, type Register } from './assembly.ts';

/** A loop counter: in a register, or in RAM when the registers are taken. */
export type Counter = { readonly register: Register } | { readonly address: string };

export function setCounter(assembly: Assembly, counter: Counter, value: number, scratch: Register): void {
  const register = 'register' in counter && counter.register >= 16 ? counter.register : scratch;
  assembly.emit('ldi', r(register), value);
  if ('address' in counter) assembly.emit('sts', counter.address, r(register));
  else if (counter.register !== register) assembly.emit('mov', r(counter.register), r(register));
}

/** Counts down and goes back to `target`, however far that is, until 0. Uses r0. */
export function countDown(assembly: Assembly, counter: Counter, target: string): void {
  const { emit } = assembly;
  if ('address' in counter) {
    emit('lds', 'r0', counter.address);
    emit('dec', 'r0');
    emit('sts', counter.address, 'r0');
  } else emit('dec', r(counter.register));
  const done = assembly.newLabel('done');
  emit('breq', done);
  emit('rjmp', target);
  assembly.label(done);
}

export interface GroupLoop {
  readonly encoding: Encoding;
  readonly groups: number;
  readonly groupSize: number;
  readonly carry: Register;
  readonly counter: Counter;
  /** A register from r16 up that is free outside of the body. */
  readonly scratch: Register;
  /** Weights are loaded first, then this is emitted. */
  readonly body: (phase: number) => void;
  readonly weights: readonly Register[];
}

/** Whether a loop over groups needs its counter. */
export function needsCounter(encoding: Encoding, groups: number, groupSize: number): boolean {
  return Math.ceil(groups / encoding.phases(groupSize)) > 1;
}

/** The loop over the groups of a run, unrolled by the encoding's phases and entered where the run starts. */
export function emitGroups(assembly: Assembly, loop: GroupLoop): void {
  const { encoding, groups, groupSize } = loop;
  const phases = encoding.phases(groupSize);
  const rounds = Math.ceil(groups / phases);
  const entry = (phases - (groups % phases)) % phases;
  const start = assembly.newLabel('groups');
  const entryLabel = assembly.newLabel('entry');
  if (rounds > 1) setCounter(assembly, loop.counter, rounds, loop.scratch);
  if (entry > 0) {
    encoding.enter(assembly, entry, groupSize, loop.carry);
    if (rounds > 1) assembly.emit('rjmp', entryLabel);
  }
  assembly.label(start);
  for (let phase = rounds > 1 ? 0 : entry; phase < phases; phase++) {
    if (phase === entry) assembly.label(entryLabel);
    encoding.load(assembly, phase, loop.weights, loop.carry);
    loop.body(phase);
  }
  if (rounds > 1) countDown(assembly, loop.counter, start);
}
