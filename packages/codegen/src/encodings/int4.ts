import type { Assembly } from '../assembly/assembly.ts';
import { LAST_SIGNED_FACTOR, r, type Register } from '../assembly/registers.ts';
import { type DenseEncoding, weightsBefore } from './encoding.ts';

/** In flash always, so that one subtraction restores the sign, or none if products are to be unsigned. */
const OFFSET = 8;

/** Two weights a byte, the first in the low nibble. */
function makeInt4(name: string, offset: 0 | typeof OFFSET): DenseEncoding {
  const lowNibble = (assembly: Assembly, weight: Register): void => {
    assembly.emit('andi', r(weight), 15);
    if (offset === 0) assembly.emit('subi', r(weight), OFFSET);
  };
  const highNibble = (assembly: Assembly, weight: Register, byte: Register): void => {
    assembly.emit('mov', r(weight), r(byte));
    assembly.emit('swap', r(weight));
    lowNibble(assembly, weight);
  };
  const phases = (groupSize: number): number => (groupSize % 2 === 0 ? 1 : 2);
  return {
    kind: 'dense',
    name,
    weightBits: 4,
    offset,
    phases,
    pack(run) {
      const nibbles = [...new Array<number>(weightsBefore(run.length, 2)).fill(0), ...run].map(
        (weight) => weight + OFFSET,
      );
      return Array.from(
        { length: nibbles.length / 2 },
        (_, index) => nibbles[2 * index] | (nibbles[2 * index + 1] << 4),
      );
    },
    weight(run, group, tap, groups, groupSize) {
      const before = weightsBefore(groups * groupSize, 2);
      return `weight_s4(${run}, ${group} * ${groupSize} + ${tap}${before ? ' + 1' : ''})`;
    },
    helpers: `static inline int8_t weight_s4(const uint8_t *run, uint16_t index) {
  const uint8_t pair = pgm_read_byte(run + index / 2);
  return (int8_t)((index & 1) ? pair >> 4 : pair & 15) - ${OFFSET};
}
`,
    needsCarry: (groupSize) => phases(groupSize) > 1,
    immediate: true,
    load(assembly, phase, weights, carry) {
      let remaining = weights;
      const loaded = [...weights];
      if (phase === 1) {
        // The byte is of no further use: where products may take their factor from its register, the weight stays there.
        if (offset > 0 || carry <= LAST_SIGNED_FACTOR) {
          assembly.emit('swap', r(carry));
          lowNibble(assembly, carry);
          loaded[0] = carry;
        } else highNibble(assembly, remaining[0], carry);
        remaining = remaining.slice(1);
      }
      for (; remaining.length >= 2; remaining = remaining.slice(2)) {
        assembly.emit('lpm', r(remaining[0]), 'Z+');
        highNibble(assembly, remaining[1], remaining[0]);
        lowNibble(assembly, remaining[0]);
      }
      if (remaining.length === 1) {
        assembly.emit('lpm', r(remaining[0]), 'Z+');
        assembly.emit('mov', r(carry), r(remaining[0]));
        lowNibble(assembly, remaining[0]);
      }
      return loaded;
    },
    enter(assembly, _phase, _groupSize, carry) {
      assembly.emit('lpm', r(carry), 'Z+');
    },
  };
}

export const int4 = makeInt4('s4', 0);
export const int4Offset = makeInt4('u4', OFFSET);
