import { r } from '../assembly/registers.ts';
import { emitBySign } from './by-sign.ts';
import type { SparseEncoding } from './encoding.ts';
import { emitCounted, moveTo, packRun, passBytes, roundsBytes, withFillers } from './sparse.ts';

/** A byte for the distance, a byte for the weight. */
export const sparseInt8: SparseEncoding = {
  kind: 'sparse',
  name: 'sparse_s8',
  weightBits: 8,
  usesPair: false,
  usesNeighbours: false,
  highCounter: false,
  pack(run) {
    const entries = withFillers(run, 255);
    return packRun(
      entries,
      1,
      entries.flatMap(({ distance, weight }) => [distance, weight & 0xff]),
    );
  },
  twin: `for (uint8_t left = pgm_read_byte(run++); left != 0; left--, run += 2) {
  pixels += pgm_read_byte(run);
  const int16_t product = (int16_t)(int8_t)pgm_read_byte(run + 1) * *pixels;
  sum += (uint32_t)product;
}
`,
  runBytes: (run) => roundsBytes(run, 2),
  pass: (assembly, count, scratch) => passBytes(assembly, count, scratch, 2),
  emitRun(assembly, registers, operations, meanOver) {
    const { weight, counter } = registers;
    const { multiplyAccumulate, multiplyAdd, multiplySubtract } = operations;
    const load = (): void => {
      moveTo(assembly, registers);
      assembly.emit('lpm', r(weight), 'Z+');
    };
    emitCounted(assembly, registers, meanOver, (mean) => {
      const rounds = mean((run) => run.rounds);
      if (multiplyAccumulate) {
        return assembly.countDown({ register: counter }, rounds, () => {
          load();
          multiplyAccumulate(weight);
        });
      }
      emitBySign(assembly, {
        weight,
        counter: { register: counter },
        rounds,
        perRound: 1,
        entry: 0,
        load,
        multiply: (sign) => (sign === 'plus' ? multiplyAdd : multiplySubtract)(weight),
        endRound: () => {},
        counts: {
          changes: mean(({ signs }) => signs.changes),
          negatives: mean(({ signs }) => signs.negatives),
          endsPlus: mean(({ signs }) => signs.endsPlus),
        },
      });
    });
  },
};
