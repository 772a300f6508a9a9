import type { Assembly } from '../assembly/assembly.ts';
import { PRODUCT_HIGH, PRODUCT_LOW, r, type Register, Y, Z } from '../assembly/registers.ts';
import {
  type MeanOver,
  type PackedRun,
  type Share,
  signsOf,
  type SparseEntry,
  type SparseOperations,
  type SparseRegisters,
} from './encoding.ts';

/** Entries whose distances fit a byte: weights of 0 bridge what is further apart. */
export function withFillers(run: readonly SparseEntry[], furthest: number): SparseEntry[] {
  return run.flatMap(({ distance, weight }) => {
    const fillers = Math.max(0, Math.ceil(distance / furthest) - 1);
    const bridges = Array.from({ length: fillers }, () => ({ distance: furthest, weight: 0 }));
    return [...bridges, { distance: distance - fillers * furthest, weight }];
  });
}

/** A run of entries, `perRound` in each round, of which `bytes` are made. */
export function packRun(
  entries: readonly SparseEntry[],
  perRound: number,
  bytes: readonly number[],
): PackedRun | undefined {
  const rounds = entries.length / perRound;
  if (rounds > 255) return undefined;
  const signs = signsOf(entries.map(({ weight }) => weight));
  return { bytes: [rounds, ...bytes], rounds, signs, entries: entries.length };
}

/** `emitRounds`, if there are any, for as many rounds as the byte at Z counts, which is in the counter. Its means are those of such runs. */
export function emitCounted(
  assembly: Assembly,
  { counter }: SparseRegisters,
  meanOver: MeanOver,
  emitRounds: (meanOver: MeanOver) => void,
): void {
  const { emit } = assembly;
  emit('lpm', r(counter), 'Z+');
  emit('tst', r(counter));
  const some = meanOver(({ rounds }) => (rounds > 0 ? 1 : 0));
  assembly.unless('breq', 'brne', some, () => emitRounds(amongSome(meanOver, some)));
}

/** The mean over those runs that have some of what others have none of, which make up the given share. */
export function amongSome(meanOver: MeanOver, share: Share): MeanOver {
  return (value) => {
    const mean = meanOver(value);
    return (environment) => mean(environment) / Math.max(1e-9, share(environment));
  };
}

/** Of the entries that a run has. */
export function shareOfNegatives(meanOver: MeanOver): Share {
  const [negatives, entries] = [meanOver(({ signs }) => signs.negatives), meanOver((run) => run.entries)];
  return (environment) => negatives(environment) / Math.max(1e-9, entries(environment));
}

/** `Z += count · factor` bytes, or half of it. */
export function passBytes({ emit }: Assembly, count: Register, scratch: Register, factor: number, halve = false): void {
  emit('ldi', r(scratch), factor);
  emit('mul', r(count), r(scratch));
  if (halve) {
    emit('lsr', r(PRODUCT_HIGH));
    emit('ror', r(PRODUCT_LOW));
  }
  emit('add', r(Z), r(PRODUCT_LOW));
  emit('adc', r(Z + 1), r(PRODUCT_HIGH));
}

/** C expression: bytes of a run that begins with its number of rounds. */
export function roundsBytes(run: string, roundBytes: number): string {
  return `1 + pgm_read_byte(${run}) * ${roundBytes}`;
}

/** Moves Y on by the distance at Z. */
export function moveTo({ emit }: Assembly, { pixel, zero }: SparseRegisters): void {
  emit('lpm', r(pixel), 'Z+');
  emit('add', r(Y), r(pixel));
  emit('adc', r(Y + 1), r(zero));
}

/** Multiplies signed where that is all; else adds or subtracts the product with the magnitude. */
export function multiply(
  assembly: Assembly,
  weight: Register,
  { multiplyAccumulate, multiplyAdd, multiplySubtract }: SparseOperations,
  negative: Share,
): void {
  if (multiplyAccumulate) return multiplyAccumulate(weight);
  const { emit } = assembly;
  const [minus, next] = [assembly.newLabel('minus'), assembly.newLabel('next')];
  emit('sbrc', r(weight), 7);
  const positive: Share = (environment) => 1 - negative(environment);
  assembly.spend(positive);
  assembly.sometimes(negative, () => emit('rjmp', minus));
  assembly.sometimes(positive, () => {
    multiplyAdd(weight);
    emit('rjmp', next);
  });
  assembly.label(minus);
  assembly.sometimes(negative, () => {
    emit('neg', r(weight));
    multiplySubtract(weight);
  });
  assembly.label(next);
}
