import type { Assembly } from '../assembly/assembly.ts';
import { r } from '../assembly/registers.ts';
import { type MeanOver, type PackedRun, signsOf, type SparseRegisters } from './encoding.ts';

/** Entries of a round. A run's first round lacks those that make its number a multiple of these: it is entered in the middle. */
const PER_ROUND = 4;

/** Entries that a run's first round lacks. */
const missing = ({ entries }: PackedRun): number => (PER_ROUND - (entries % PER_ROUND)) % PER_ROUND;

/** Run lengths begin with the number of entries, less 1. */
export const entriesOf = (run: string): string => `(pgm_read_byte(${run}) + 1)`;

export interface EnteredLoop {
  readonly registers: SparseRegisters;
  readonly meanOver: MeanOver;
  /** Before the loop is entered at an odd entry. */
  readonly enterOdd?: () => void;
  readonly cyclesOfEnteringOdd: number;
  readonly emitEntry: (index: number) => void;
}

/**
 * A loop over entries, four a round: the counter counts entries, less 1, and its lowest bits tell where the first round begins. Runs have
 * at least one entry.
 */
export function emitEntered(assembly: Assembly, loop: EnteredLoop): void {
  const { emit } = assembly;
  const { registers, meanOver, emitEntry } = loop;
  const counter = r(registers.counter);
  const labels = Array.from({ length: PER_ROUND }, (_, index) => assembly.newLabel(`entry${index}_`));
  emit('lpm', counter, 'Z+');
  enter(assembly, loop, labels);
  const rounds = meanOver((run) => run.rounds);
  assembly.loop(
    rounds,
    () => emit('subi', counter, PER_ROUND),
    () =>
      labels.forEach((label, index) => {
        if (index > 0) assembly.label(label);
        const lacking = meanOver((run) => (index < missing(run) ? 1 : 0));
        assembly.sometimes(
          (environment) => 1 - lacking(environment) / Math.max(1e-9, rounds(environment)),
          () => emitEntry(index),
        );
      }),
    { again: 'brcc', done: 'brcs' },
  );
}

/** By 0 … 3 missing entries. */
const CYCLES_OF_ENTERING = [5, 5, 6, 6] as const;

/** Jumps to the first round's first entry. */
function enter(assembly: Assembly, loop: EnteredLoop, labels: readonly string[]): void {
  const { emit } = assembly;
  const counter = r(loop.registers.counter);
  const even = assembly.newLabel('even');
  assembly.sometimes(0, () => {
    emit('sbrc', counter, 0);
    emit('rjmp', even);
    loop.enterOdd?.();
    emit('sbrc', counter, 1);
    emit('rjmp', labels[1]);
    emit('rjmp', labels[3]);
    assembly.label(even);
    emit('sbrs', counter, 1);
    emit('rjmp', labels[2]);
  });
  assembly.spend(
    loop.meanOver((run) => CYCLES_OF_ENTERING[missing(run)] + (missing(run) % 2) * loop.cyclesOfEnteringOdd),
  );
}

/** What a run with this number of entries is, first byte included; undefined for none, or too many. */
export function packEntered(
  entries: readonly { readonly weight: number }[],
  bytes: readonly number[],
): PackedRun | undefined {
  if (entries.length === 0 || entries.length > 255) return undefined;
  const signs = signsOf(entries.map(({ weight }) => weight));
  const rounds = Math.ceil(entries.length / PER_ROUND);
  return { bytes: [entries.length - 1, ...bytes], rounds, signs, entries: entries.length };
}
