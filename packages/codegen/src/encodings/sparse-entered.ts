import type { Assembly } from '../assembly/assembly.ts';
import { r } from '../assembly/registers.ts';
import { type MeanOver, type PackedRun, signsOf, type SparseRegisters } from './encoding.ts';

/** Entries of a round: many take less time, few less code. */
export type PerRound = 2 | 4;

/** Entries that a run's first round lacks, which is entered in the middle. */
const missingOf = ({ entries }: PackedRun, perRound: PerRound): number => (perRound - (entries % perRound)) % perRound;

/** Run lengths begin with the number of entries, less 1. */
export const entriesOf = (run: string): string => `(pgm_read_byte(${run}) + 1)`;

export interface EnteredLoop {
  readonly registers: SparseRegisters;
  readonly meanOver: MeanOver;
  readonly perRound: PerRound;
  /** Before the loop is entered at an odd entry. */
  readonly enterOdd?: () => void;
  readonly cyclesOfEnteringOdd: number;
  readonly emitEntry: (index: number) => void;
}

/**
 * A loop over entries, some a round: the counter counts entries, less 1, and its lowest bits tell where the first round begins. Runs have
 * at least one entry.
 */
export function emitEntered(assembly: Assembly, loop: EnteredLoop): void {
  const { emit } = assembly;
  const { registers, meanOver, perRound, emitEntry } = loop;
  const counter = r(registers.counter);
  const labels = Array.from({ length: perRound }, (_, index) => assembly.newLabel(`entry${index}_`));
  emit('lpm', counter, 'Z+');
  if (perRound === 2) enterSecond(assembly, loop, labels[1]);
  else enter(assembly, loop, labels);
  const rounds = meanOver((run) => run.rounds);
  assembly.loop(
    rounds,
    () => emit('subi', counter, perRound),
    () =>
      labels.forEach((label, index) => {
        if (index > 0) assembly.label(label);
        const lacking = meanOver((run) => (index < missingOf(run, perRound) ? 1 : 0));
        assembly.sometimes(
          (environment) => 1 - lacking(environment) / Math.max(1e-9, rounds(environment)),
          () => emitEntry(index),
        );
      }),
    { again: 'brcc', done: 'brcs' },
  );
}

/** Jumps to the second entry if the number of entries is odd. */
function enterSecond(assembly: Assembly, { registers, meanOver }: EnteredLoop, second: string): void {
  assembly.emit('sbrs', r(registers.counter), 0);
  assembly.sometimes(0, () => assembly.emit('rjmp', second));
  // Skipping the jump takes a cycle, jumping two.
  assembly.spend(meanOver((run) => 1 + missingOf(run, 2)));
}

/** By 0 … 3 missing entries. */
const CYCLES_OF_ENTERING = [5, 5, 6, 6] as const;

/** Jumps to the first round's first entry, of four. */
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
    loop.meanOver((run) => {
      const missing = missingOf(run, 4);
      return CYCLES_OF_ENTERING[missing] + (missing % 2) * loop.cyclesOfEnteringOdd;
    }),
  );
}

/** What a run with this number of entries is, first byte included; undefined for none, or too many. */
export function packEntered(
  entries: readonly { readonly weight: number }[],
  bytes: readonly number[],
  perRound: PerRound,
): PackedRun | undefined {
  if (entries.length === 0 || entries.length > 255) return undefined;
  const signs = signsOf(entries.map(({ weight }) => weight));
  const rounds = Math.ceil(entries.length / perRound);
  return { bytes: [entries.length - 1, ...bytes], rounds, signs, entries: entries.length };
}
