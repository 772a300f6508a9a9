import type { Encoding } from './encoding.ts';

/**
 * Four weights a byte, two bits each: 0, 1 or 3 for −1, lowest bits first. A group of three or more starts with a byte of
 * its own; smaller ones fill bytes.
 */
export const ternary: Encoding = {
  name: 's2',
  pack(run, groupSize) {
    const rowLength = groupSize < 3 ? run.length : groupSize;
    const bytes: number[] = [];
    for (let start = 0; start < run.length; start += rowLength) {
      for (let index = start; index < start + rowLength; index += 4) {
        const fields = run.slice(index, Math.min(index + 4, start + rowLength));
        bytes.push(fields.reduce((byte, weight, field) => byte | ((weight & 3) << (2 * field)), 0));
      }
    }
    return bytes;
  },
  weight(run, group, tap, _groups, groupSize) {
    if (groupSize < 3) return `weight_s2(${run}, ${group} * ${groupSize} + ${tap})`;
    return `weight_s2(${run} + ${group} * ${Math.ceil(groupSize / 4)}, ${tap})`;
  },
  helpers: `static inline int8_t weight_s2(const uint8_t *run, uint16_t index) {
  const uint8_t field = (pgm_read_byte(run + index / 4) >> (2 * (index & 3))) & 3;
  return field == 3 ? -1 : (int8_t)field;
}
`,
};
