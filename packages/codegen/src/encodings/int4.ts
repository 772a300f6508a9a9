import type { Encoding } from './encoding.ts';

/** Two weights a byte, the first in the low nibble. An odd run starts with an unused nibble, so that all runs end with a byte. */
export const int4: Encoding = {
  name: 's4',
  pack(run) {
    const nibbles = run.length % 2 === 0 ? run : [0, ...run];
    return Array.from(
      { length: nibbles.length / 2 },
      (_, index) => (nibbles[2 * index] & 15) | ((nibbles[2 * index + 1] & 15) << 4),
    );
  },
  weight(run, group, tap, groups, groupSize) {
    const skipped = (groups * groupSize) % 2;
    return `weight_s4(${run}, ${group} * ${groupSize} + ${tap}${skipped ? ' + 1' : ''})`;
  },
  helpers: `static inline int8_t weight_s4(const uint8_t *run, uint16_t index) {
  const uint8_t pair = pgm_read_byte(run + index / 2);
  return (int8_t)((((index & 1) ? pair >> 4 : pair & 15) ^ 8) - 8);
}
`,
};
