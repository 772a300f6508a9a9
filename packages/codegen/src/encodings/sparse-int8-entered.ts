import { r, Z } from '../assembly/registers.ts';
import type { SparseEncoding } from './encoding.ts';
import { moveTo, multiply, passBytes, shareOfNegatives, withFillers } from './sparse.ts';
import { emitEntered, entriesOf, packEntered } from './sparse-entered.ts';

/** As `sparseInt8`, four entries a round, for runs that are not empty. */
export const sparseInt8Entered: SparseEncoding = {
  kind: 'sparse',
  name: 'sparse_x4_s8',
  weightBits: 8,
  usesPair: false,
  usesNeighbours: false,
  highCounter: true,
  pack(run) {
    const entries = withFillers(run, 255);
    return packEntered(
      entries,
      entries.flatMap(({ distance, weight }) => [distance, weight & 0xff]),
      4,
    );
  },
  runBytes: (run) => `1 + ${entriesOf(run)} * 2`,
  twin: `for (uint16_t left = ${entriesOf('run++')}; left != 0; left--, run += 2) {
  pixels += pgm_read_byte(run);
  const int16_t product = (int16_t)(int8_t)pgm_read_byte(run + 1) * *pixels;
  sum += (uint32_t)product;
}
`,
  pass(assembly, count, scratch) {
    passBytes(assembly, count, scratch, 2);
    assembly.emit('adiw', r(Z), 2);
  },
  emitRun(assembly, registers, operations, meanOver) {
    const negative = shareOfNegatives(meanOver);
    emitEntered(assembly, {
      registers,
      meanOver,
      perRound: 4,
      cyclesOfEnteringOdd: 0,
      emitEntry: () => {
        moveTo(assembly, registers);
        assembly.emit('lpm', r(registers.weight), 'Z+');
        multiply(assembly, registers.weight, operations, negative);
      },
    });
  },
};
