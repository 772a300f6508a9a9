import { r, Z } from '../assembly/registers.ts';
import type { SparseEncoding } from './encoding.ts';
import { moveTo, multiply, passBytes, shareOfNegatives, withFillers } from './sparse.ts';
import { emitEntered, entriesOf, packEntered } from './sparse-entered.ts';
import { addPair, firstOfPair, OFFSET, secondOfPair } from './sparse-int4.ts';

/**
 * As `sparseInt4`, four entries a round, for runs that are not empty: a run of odd length begins in the middle of a pair, of which the first
 * weight means nothing.
 */
export const sparseInt4Entered: SparseEncoding = {
  kind: 'sparse',
  name: 'sparse_x4_s4',
  weightBits: 4,
  usesPair: true,
  usesNeighbours: false,
  highCounter: true,
  pack(run) {
    const entries = withFillers(run, 255);
    const odd = entries.length % 2;
    const nibble = (index: number): number => entries[index].weight + OFFSET;
    const pairs = Array.from({ length: (entries.length - odd) / 2 }, (_, pair) => {
      const at = odd + 2 * pair;
      return [entries[at].distance, nibble(at) | (nibble(at + 1) << 4), entries[at + 1].distance];
    });
    const first = odd === 1 ? [nibble(0) << 4, entries[0].distance] : [];
    return packEntered(entries, [...first, ...pairs.flat()], 4);
  },
  runBytes: (run) => `1 + (3 * ${entriesOf(run)} + 1) / 2`,
  twin: `uint16_t left = ${entriesOf('run')};
run++;
if (left & 1) {
  pixels += pgm_read_byte(run + 1);
  const int16_t product = ((int16_t)(pgm_read_byte(run) >> 4) - ${OFFSET}) * *pixels;
  sum += (uint32_t)product;
  run += 2;
}
for (left /= 2; left != 0; left--, run += 3) {
${addPair}}
`,
  pass(assembly, count, scratch) {
    passBytes(assembly, count, scratch, 3, true);
    assembly.emit('adiw', r(Z), 2);
  },
  emitRun(assembly, registers, operations, meanOver) {
    const { weight, pair } = registers;
    const negative = shareOfNegatives(meanOver);
    emitEntered(assembly, {
      registers,
      meanOver,
      perRound: 4,
      enterOdd: () => assembly.emit('lpm', r(pair), 'Z+'),
      cyclesOfEnteringOdd: 3,
      emitEntry: (index) => {
        moveTo(assembly, registers);
        if (index % 2 === 0) firstOfPair(assembly, registers);
        else secondOfPair(assembly, registers);
        multiply(assembly, index % 2 === 0 ? weight : pair, operations, negative);
      },
    });
  },
};
