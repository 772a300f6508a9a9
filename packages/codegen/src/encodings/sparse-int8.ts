import { r } from '../assembly/registers.ts';
import type { SparseEncoding } from './encoding.ts';
import { packRun, moveTo, multiply, withFillers } from './sparse.ts';

/** A byte for the distance, a byte for the weight. */
export const sparseInt8: SparseEncoding = {
  kind: 'sparse',
  name: 'sparse_s8',
  weightBits: 8,
  roundBytes: 2,
  usesPair: false,
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
  emitRound(assembly, registers, operations, negative) {
    moveTo(assembly, registers);
    assembly.emit('lpm', r(registers.weight), 'Z+');
    multiply(assembly, registers.weight, operations, negative);
  },
};
