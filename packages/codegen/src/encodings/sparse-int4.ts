import type { Assembly } from '../assembly/assembly.ts';
import { r, type Register } from '../assembly/registers.ts';
import type { SparseEncoding, SparseRegisters } from './encoding.ts';
import {
  emitCounted,
  moveTo,
  multiply,
  packRun,
  passBytes,
  roundsBytes,
  shareOfNegatives,
  withFillers,
} from './sparse.ts';

/** Weights are stored with an offset, so that one subtraction restores the sign. */
export const OFFSET = 8;

/** C statements: adds the pair of entries at `run`. */
export const addPair = `  const uint8_t pair = pgm_read_byte(run + 1);
  pixels += pgm_read_byte(run);
  const int16_t first = ((int16_t)(pair & 15) - ${OFFSET}) * *pixels;
  pixels += pgm_read_byte(run + 2);
  const int16_t second = ((int16_t)(pair >> 4) - ${OFFSET}) * *pixels;
  sum += (uint32_t)first + (uint32_t)second;
`;

/** Two weights a round: distance, both weights (the first in the low nibble), distance. */
export const sparseInt4: SparseEncoding = {
  kind: 'sparse',
  name: 'sparse_s4',
  weightBits: 4,
  usesPair: true,
  usesNeighbours: false,
  highCounter: false,
  pack(run) {
    const entries = withFillers(run, 255);
    if (entries.length % 2 === 1) entries.push({ distance: 0, weight: 0 });
    const rounds = entries.length / 2;
    const bytes = Array.from({ length: rounds }, (_, round) => {
      const [a, b] = [entries[2 * round], entries[2 * round + 1]];
      return [a.distance, (a.weight + OFFSET) | ((b.weight + OFFSET) << 4), b.distance];
    });
    return packRun(entries, 2, bytes.flat());
  },
  twin: `for (uint8_t left = pgm_read_byte(run++); left != 0; left--, run += 3) {
${addPair}}
`,
  runBytes: (run) => roundsBytes(run, 3),
  pass: (assembly, count, scratch) => passBytes(assembly, count, scratch, 3),
  emitRun(assembly, registers, operations, meanOver) {
    const { weight, pair } = registers;
    const negative = shareOfNegatives(meanOver);
    const round = (): void => {
      moveTo(assembly, registers);
      firstOfPair(assembly, registers);
      multiply(assembly, weight, operations, negative);
      moveTo(assembly, registers);
      secondOfPair(assembly, registers);
      multiply(assembly, pair, operations, negative);
    };
    emitCounted(assembly, registers, meanOver, (mean) =>
      assembly.countDown(
        { register: registers.counter },
        mean(({ rounds }) => rounds),
        round,
      ),
    );
  },
};

/** Loads two weights, and leaves the first one in `weight`. */
export function firstOfPair(assembly: Assembly, { weight, pair }: SparseRegisters): void {
  assembly.emit('lpm', r(pair), 'Z+');
  assembly.emit('mov', r(weight), r(pair));
  signed(assembly, weight);
}

/** Leaves the second weight in `pair`. */
export function secondOfPair(assembly: Assembly, { pair }: SparseRegisters): void {
  assembly.emit('swap', r(pair));
  signed(assembly, pair);
}

/** The low nibble as a number. */
function signed({ emit }: Assembly, weight: Register): void {
  emit('andi', r(weight), 15);
  emit('subi', r(weight), OFFSET);
}
