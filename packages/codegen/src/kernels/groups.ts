import type { Assembly, Counter } from '../assembly/assembly.ts';
import type { Register } from '../assembly/registers.ts';
import type { DenseEncoding } from '../encodings/index.ts';

export interface GroupLoop {
  readonly encoding: DenseEncoding;
  readonly groups: number;
  readonly groupSize: number;
  /** How often the loop is unrolled beyond what the encoding needs. */
  readonly unrolled: number;
  readonly carry: Register;
  readonly counter: Counter;
  /** A register from r16 up that is free outside of the body. */
  readonly scratch: Register;
  /** In a loop that starts in the middle of a round, before it: the groups that the round lacks. */
  readonly enter: (missing: number) => void;
  /** Weights are loaded first, then this is emitted, with where they are. `isLast`: of the round's groups. */
  readonly body: (group: number, isLast: boolean, weights: readonly Register[]) => void;
  readonly weights: readonly Register[];
}

type Groups = Pick<GroupLoop, 'encoding' | 'groups' | 'groupSize' | 'unrolled'>;

/** A loop over groups takes `phases` a round; the first round begins at group `entry` of them. Weights begin at a byte every `bytePhases`. */
export function roundsOf({ encoding, groups, groupSize, unrolled }: Groups) {
  const bytePhases = encoding.phases(groupSize);
  const phases = bytePhases * unrolled;
  const rounds = Math.ceil(groups / phases);
  return { bytePhases, phases, rounds, entry: (phases - (groups % phases)) % phases };
}

/** Whether a loop over groups needs its counter. */
export function needsCounter(groups: Groups): boolean {
  return roundsOf(groups).rounds > 1;
}

/** The loop over the groups of a run, unrolled by the encoding's phases and entered where the run starts. */
export function emitGroups(assembly: Assembly, loop: GroupLoop): void {
  const { encoding, groupSize } = loop;
  const { bytePhases, phases, rounds, entry } = roundsOf(loop);
  const emitPhase = (phase: number): void => {
    const weights = encoding.load(assembly, phase % bytePhases, loop.weights, loop.carry);
    loop.body(phase, phase === phases - 1, weights);
  };
  if (rounds > 1) assembly.setCounter(loop.counter, rounds, loop.scratch);
  if (entry % bytePhases !== 0) encoding.enter(assembly, entry % bytePhases, groupSize, loop.carry);
  if (entry > 0) loop.enter(entry);
  if (rounds === 1) {
    for (let phase = entry; phase < phases; phase++) emitPhase(phase);
    return;
  }
  const entryLabel = assembly.newLabel('entry');
  if (entry > 0) assembly.emit('rjmp', entryLabel);
  assembly.countDown(loop.counter, rounds, () => {
    for (let phase = 0; phase < phases; phase++) {
      if (phase === entry && entry > 0) assembly.label(entryLabel);
      // The first round starts at the entry.
      assembly.sometimes(phase < entry ? (rounds - 1) / rounds : 1, () => emitPhase(phase));
    }
  });
}
