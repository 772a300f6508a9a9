import type { Assembly } from '../assembly/assembly.ts';
import { r, type Register, Z } from '../assembly/registers.ts';
import {
  type Gap,
  type MeanOver,
  signsOf,
  type SparseEncoding,
  type SparseEntry,
  type SparseOperations,
  type SparseRegisters,
} from './encoding.ts';
import { pairUp, type Place } from './pairs.ts';
import { amongSome, moveTo, passBytes } from './sparse.ts';

/** How a run begins: with how many pairs of neighbours it has, how many pairs with a gap, how many other weights. */
interface Head {
  readonly name: string;
  /** What a pair counts in the first byte, which counts down; the pairs with a gap are below the others. */
  readonly step: Readonly<Record<Gap, number>>;
  readonly most: Readonly<Record<Gap, number>>;
  readonly mostSingles: number;
  /** The others have a byte of their own, before them; else the first byte has room for them. Both count up to 0 or to the next step. */
  readonly ownByte: boolean;
  /** C expressions of the numbers in the run at `run`. */
  readonly pairs: (run: string) => string;
  readonly gaps: (run: string) => string;
  readonly singles: (run: string) => string;
  /** Makes the first byte, in `count`, the number of all pairs; moves Z on by the bytes of all others if it counts them. */
  readonly countPairs: (assembly: Assembly, count: Register, scratch: Register) => void;
}

const SHORT: Head = {
  name: 'sparse_pairs_s8',
  step: { 1: 64, 2: 16 },
  most: { 1: 3, 2: 3 },
  mostSingles: 16,
  ownByte: false,
  pairs: (run) => `(pgm_read_byte(${run}) >> 6)`,
  gaps: (run) => `((pgm_read_byte(${run}) >> 4) & 3)`,
  singles: (run) => `(16 - (pgm_read_byte(${run}) & 15))`,
  countPairs({ emit }, count, scratch) {
    emit('mov', r(scratch), r(count));
    emit('andi', r(scratch), 15);
    emit('lsl', r(scratch));
    emit('sub', r(Z), r(scratch));
    emit('sbci', r(Z + 1), 0);
    emit('adiw', r(Z), 2 * 16);
    emit('swap', r(count));
    emit('andi', r(count), 15);
    emit('mov', r(scratch), r(count));
    for (let bit = 0; bit < 2; bit++) emit('lsr', r(scratch));
    emit('andi', r(count), 3);
    emit('add', r(count), r(scratch));
  },
};

const LONG: Head = {
  name: 'sparse_pairs_long_s8',
  step: { 1: 16, 2: 1 },
  most: { 1: 15, 2: 15 },
  mostSingles: 255,
  ownByte: true,
  pairs: (run) => `(pgm_read_byte(${run}) >> 4)`,
  gaps: (run) => `(pgm_read_byte(${run}) & 15)`,
  singles: (run) => `(256 - pgm_read_byte(${run} + 1 + ${pairBytes(LONG, run)}))`,
  countPairs({ emit }, count, scratch) {
    emit('mov', r(scratch), r(count));
    emit('swap', r(scratch));
    emit('andi', r(scratch), 15);
    emit('andi', r(count), 15);
    emit('add', r(count), r(scratch));
  },
};

/** C expression: bytes of all pairs. */
function pairBytes({ pairs, gaps }: Head, run: string): string {
  return `3 * (${pairs(run)} + ${gaps(run)})`;
}

/**
 * Two weights whose pixels are neighbours, or have one pixel between them, share a distance and the loads of pixels. Pairs of neighbours come
 * first, then those with a gap, then all others one by one, of which there has to be one; each of the three from the beginning of the row on.
 */
function makePairs(head: Head): SparseEncoding {
  const { name, step, ownByte } = head;
  return {
    kind: 'sparse',
    name,
    weightBits: 8,
    usesPair: true,
    usesNeighbours: true,
    highCounter: true,
    pack: (run) => packPairs(run, head),
    runBytes: (run) => `${ownByte ? 2 : 1} + ${pairBytes(head, run)} + 2 * ${head.singles(run)}`,
    twin: `const uint8_t pairs = ${head.pairs('run')}, gaps = ${head.gaps('run')};
uint8_t left = ${head.singles('run')};
run++;
uint16_t place = 0;
for (uint8_t pair = 0; pair < pairs + gaps; pair++, run += 3) {
  if (pair == pairs) place = 0;
  place += pgm_read_byte(run);
  const int16_t product = (int16_t)(int8_t)pgm_read_byte(run + 1) * pixels[place];
  const int16_t other = (int16_t)(int8_t)pgm_read_byte(run + 2) * pixels[place + (pair < pairs ? 1 : 2)];
  sum += (uint32_t)product + (uint32_t)other;
}
place = 0;
for (${ownByte ? 'run++' : ''}; left != 0; left--, run += 2) {
  place += pgm_read_byte(run);
  const int16_t product = (int16_t)(int8_t)pgm_read_byte(run + 1) * pixels[place];
  sum += (uint32_t)product;
}
`,
    pass(assembly, count, scratch) {
      head.countPairs(assembly, count, scratch);
      passBytes(assembly, count, scratch, 3);
      if (!ownByte) return;
      assembly.emit('lpm', r(count), 'Z+');
      assembly.emit('neg', r(count));
      passBytes(assembly, count, scratch, 2);
    },
    emitRun(assembly, registers, operations, meanOver) {
      const { weight, counter } = registers;
      const { emit } = assembly;
      emit('lpm', r(counter), 'Z+');
      emitPairs(assembly, registers, operations, meanOver, 1, step[1], step[1]);
      // The step too many that ended the loop before is given back.
      emitPairs(assembly, registers, operations, meanOver, 2, step[2], (256 + step[2] - step[1]) % 256);
      if (ownByte) emit('lpm', r(counter), 'Z+');
      assembly.loop(
        meanOver(({ rounds }) => rounds),
        () => emit('inc', r(counter)),
        () => {
          moveTo(assembly, registers);
          emit('lpm', r(weight), 'Z+');
          operations.multiplyAccumulate?.(weight);
        },
      );
    },
  };
}

export const sparseInt8Pairs = makePairs(SHORT);
export const sparseInt8PairsLong = makePairs(LONG);

/** As many as the counter has steps. `first`: what is subtracted before the first one. */
function emitPairs(
  assembly: Assembly,
  registers: SparseRegisters,
  { multiplyAccumulatePair, restart }: SparseOperations,
  meanOver: MeanOver,
  gap: Gap,
  step: number,
  first: number,
): void {
  const { emit } = assembly;
  const { weight, pair, counter } = registers;
  if (!multiplyAccumulatePair || !restart) throw new Error('pairs of weights for pixels that are no neighbours');
  const count = ({ pairs }: Parameters<Parameters<MeanOver>[0]>[0]): number => pairs?.[gap] ?? 0;
  const some = meanOver((run) => (count(run) > 0 ? 1 : 0));
  emit('subi', r(counter), first);
  assembly.unless('brcs', 'brcc', some, () => {
    assembly.loop(
      amongSome(meanOver, some)(count),
      () => emit('subi', r(counter), step),
      () => {
        moveTo(assembly, registers);
        for (const factor of [weight, pair]) emit('lpm', r(factor), 'Z+');
        multiplyAccumulatePair(weight, pair, gap);
      },
      { again: 'brcc', done: 'brcs' },
    );
    restart();
  });
}

function packPairs(run: readonly SparseEntry[], { step, most, mostSingles, ownByte }: Head) {
  const { pairs, singles } = pairUp(run, most);
  if (singles.length > mostSingles) return undefined;
  const flat = (places: readonly Place[]): number[] =>
    places.flatMap(({ distance, weights }) => [distance, ...weights.map((weight) => weight & 0xff)]);
  const counted = step[1] * pairs[1].length + step[2] * pairs[2].length;
  const up = (ownByte ? 256 : step[2]) - singles.length;
  return {
    bytes: [
      counted + (ownByte ? 0 : up),
      ...flat(pairs[1]),
      ...flat(pairs[2]),
      ...(ownByte ? [up] : []),
      ...flat(singles),
    ],
    rounds: singles.length,
    signs: signsOf(singles.map(({ weights: [weight] }) => weight)),
    entries: singles.length,
    pairs: { 1: pairs[1].length, 2: pairs[2].length },
  };
}
