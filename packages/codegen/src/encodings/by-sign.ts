import type { Assembly, Counter, Environment } from '../assembly/assembly.ts';
import { PRODUCT_HIGH, PRODUCT_LOW, r, type Register } from '../assembly/registers.ts';

export type Sign = 'plus' | 'minus';

/** How the signs of weights follow each other, in one execution of a loop over them: numbers, or means of all executions. */
export interface SignCounts {
  /** From one sign to the other; the loop begins with those that are not negative. */
  readonly changes: (environment: Environment) => number;
  readonly negatives: (environment: Environment) => number;
  /** Whether the last one is not negative. */
  readonly endsPlus: (environment: Environment) => number;
}

export interface SignLoop {
  readonly weight: Register;
  /** The loop's counter holds its rounds already; undefined for a single round. */
  readonly counter?: Counter;
  readonly rounds: number | ((environment: Environment) => number);
  /** Weights of a round, and the one with which the first round begins. */
  readonly perRound: number;
  readonly entry: number;
  /** Leaves the weight in its register. */
  readonly load: (index: number) => void;
  /** `sums ± weight · pixels`, unsigned. */
  readonly multiply: (sign: Sign, index: number) => void;
  readonly endRound: () => void;
  readonly counts: SignCounts;
}

/**
 * A loop over signed weights for sums of more than 16 bits, which would have to extend each product's sign. The loop exists twice: one adds
 * products, one subtracts those of magnitudes. A weight of the other sign changes over, which takes a cycle.
 */
export function emitBySign(assembly: Assembly, loop: SignLoop): void {
  const { emit } = assembly;
  const { perRound, entry, counts, rounds } = loop;
  const labels = (sign: Sign): string[] => Array.from({ length: perRound }, () => assembly.newLabel(sign));
  const into = { plus: labels('plus'), minus: labels('minus') };
  const [start, end] = [assembly.newLabel('first'), assembly.newLabel('last')];
  if (entry > 0 && typeof rounds === 'number' && rounds > 1) emit('rjmp', start);
  emitCopy(assembly, loop, 'plus', into, start);
  assembly.sometimes(0, () => {
    emit('rjmp', end);
    emitCopy(assembly, loop, 'minus', into, start);
  });
  assembly.label(end);
  assembly.spend((environment) => {
    return counts.changes(environment) + counts.negatives(environment) + 2 * counts.endsPlus(environment);
  });
}

function emitCopy(
  assembly: Assembly,
  { weight, counter, rounds, perRound, entry, load, multiply, endRound }: SignLoop,
  sign: Sign,
  into: Readonly<Record<Sign, readonly string[]>>,
  start: string,
): void {
  const { emit } = assembly;
  const other = sign === 'plus' ? 'minus' : 'plus';
  const emitWeight = (index: number): void => {
    load(index);
    emit(sign === 'plus' ? 'sbrc' : 'sbrs', r(weight), 7);
    assembly.spend(1);
    assembly.sometimes(0, () => emit('rjmp', into[other][index]));
    assembly.label(into[sign][index]);
    if (sign === 'minus') emit('neg', r(weight));
    multiply(sign, index);
  };
  const round = (): void => {
    for (let index = counter ? 0 : entry; index < perRound; index++) {
      if (sign === 'plus' && counter && index === entry && entry > 0) assembly.label(start);
      // The first round starts at the entry.
      const share = index < entry && typeof rounds === 'number' ? (rounds - 1) / rounds : 1;
      assembly.sometimes(share, () => emitWeight(index));
    }
    endRound();
  };
  if (!counter) return round();
  // What takes other signs is longer by the instructions that negate: both loops end alike.
  const moreWords = sign === 'plus' ? perRound : 0;
  assembly.loop(rounds, () => assembly.decrement(counter), round, { moreWords });
}

/** `sum ± weight · pixel`, unsigned: 5 cycles at 24 bits. `zero` holds 0. */
export function multiplyUnsigned(
  { emit }: Assembly,
  sign: Sign,
  sum: readonly Register[],
  weight: Register,
  pixel: Register,
  zero: Register,
): void {
  const [first, next] = sign === 'plus' ? ['add', 'adc'] : ['sub', 'sbc'];
  const product = [PRODUCT_LOW, PRODUCT_HIGH];
  emit('mul', r(weight), r(pixel));
  sum.forEach((byte, index) => emit(index === 0 ? first : next, r(byte), r(product[index] ?? zero)));
}
