import type { Assembly } from '../assembly/assembly.ts';
import { r, type Register } from '../assembly/registers.ts';
import type { SparseEncoding } from './encoding.ts';
import { moveTo, multiply, packRun, withFillers } from './sparse.ts';

/** Weights are stored with an offset, so that one subtraction restores the sign. */
const OFFSET = 8;

/** Two weights a round: distance, both weights (the first in the low nibble), distance. */
export const sparseInt4: SparseEncoding = {
  kind: 'sparse',
  name: 'sparse_s4',
  weightBits: 4,
  roundBytes: 3,
  usesPair: true,
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
  const uint8_t pair = pgm_read_byte(run + 1);
  pixels += pgm_read_byte(run);
  const int16_t first = ((int16_t)(pair & 15) - ${OFFSET}) * *pixels;
  pixels += pgm_read_byte(run + 2);
  const int16_t second = ((int16_t)(pair >> 4) - ${OFFSET}) * *pixels;
  sum += (uint32_t)first + (uint32_t)second;
}
`,
  emitRound(assembly, registers, operations, negative) {
    const { weight, pair } = registers;
    moveTo(assembly, registers);
    assembly.emit('lpm', r(pair), 'Z+');
    assembly.emit('mov', r(weight), r(pair));
    signed(assembly, weight);
    multiply(assembly, weight, operations, negative);
    moveTo(assembly, registers);
    assembly.emit('swap', r(pair));
    signed(assembly, pair);
    multiply(assembly, pair, operations, negative);
  },
};

/** The low nibble as a number. */
function signed({ emit }: Assembly, weight: Register): void {
  emit('andi', r(weight), 15);
  emit('subi', r(weight), OFFSET);
}
