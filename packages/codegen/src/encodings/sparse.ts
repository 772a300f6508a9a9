import type { Assembly } from '../assembly/assembly.ts';
import { r, type Register, Y } from '../assembly/registers.ts';
import type { PackedRun, Share, SparseEntry, SparseOperations, SparseRegisters } from './encoding.ts';

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
  const negatives = entries.filter(({ weight }) => weight < 0).length;
  return { bytes: [rounds, ...bytes], rounds, negatives, entries: entries.length };
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
