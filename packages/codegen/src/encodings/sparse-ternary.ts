import type { Assembly } from '../assembly/assembly.ts';
import { r, Y } from '../assembly/registers.ts';
import type { Share, SparseEncoding, SparseEntry, SparseOperations, SparseRegisters } from './encoding.ts';
import { emitCounted, packRun, passBytes, roundsBytes, shareOfNegatives } from './sparse.ts';

const FURTHEST = 127;

/** A byte a weight: twice the distance, plus 1 if it is −1. */
export const sparseTernary: SparseEncoding = {
  kind: 'sparse',
  name: 'sparse_s2',
  weightBits: 2,
  usesPair: false,
  usesNeighbours: false,
  highCounter: false,
  pack(run) {
    const entries = run.flatMap(bridged);
    return packRun(
      entries,
      1,
      entries.map(({ distance, weight }) => 2 * distance + (weight < 0 ? 1 : 0)),
    );
  },
  twin: `for (uint8_t left = pgm_read_byte(run++); left != 0; left--, run++) {
  const uint8_t entry = pgm_read_byte(run);
  pixels += entry >> 1;
  sum += (entry & 1) ? -(uint32_t)*pixels : *pixels;
}
`,
  runBytes: (run) => roundsBytes(run, 1),
  pass: (assembly, count, scratch) => passBytes(assembly, count, scratch, 1),
  emitRun(assembly, registers, operations, meanOver) {
    const negative = shareOfNegatives(meanOver);
    emitCounted(assembly, registers, meanOver, (mean) =>
      assembly.countDown(
        { register: registers.counter },
        mean(({ rounds }) => rounds),
        () => emitRound(assembly, registers, operations, negative),
      ),
    );
  },
};

function emitRound(
  assembly: Assembly,
  { pixel, zero }: SparseRegisters,
  { add, subtract }: SparseOperations,
  negative: Share,
): void {
  const { emit } = assembly;
  const [minus, next] = [assembly.newLabel('minus'), assembly.newLabel('next')];
  const move = (): void => {
    emit('add', r(Y), r(pixel));
    emit('adc', r(Y + 1), r(zero));
  };
  emit('lpm', r(pixel), 'Z+');
  emit('lsr', r(pixel));
  emit('brcs', minus);
  assembly.spend(negative);
  assembly.sometimes(
    (environment) => 1 - negative(environment),
    () => {
      move();
      add();
      emit('rjmp', next);
    },
  );
  assembly.label(minus);
  assembly.sometimes(negative, () => {
    move();
    subtract();
  });
  assembly.label(next);
}

/** There is no weight of 0 to bridge a long way: 1 and −1 at the same place do. */
function bridged({ distance, weight }: SparseEntry): SparseEntry[] {
  const bridges = Array.from({ length: Math.max(0, Math.ceil(distance / FURTHEST) - 1) }, (): SparseEntry[] => [
    { distance: FURTHEST, weight: 1 },
    { distance: 0, weight: -1 },
  ]);
  return [...bridges.flat(), { distance: distance - bridges.length * FURTHEST, weight }];
}
