import type { Assembly } from '../assembly/assembly.ts';
import { r, type Register } from '../assembly/registers.ts';
import { type DenseEncoding, weightsBefore } from './encoding.ts';

/**
 * Four weights a byte, two bits each: 0, 1 or 3 for −1, lowest bits first. A group of three or more starts with a byte of
 * its own; smaller ones fill bytes.
 */
export const ternary: DenseEncoding = {
  kind: 'dense',
  name: 's2',
  weightBits: 2,
  offset: 0,
  phases: (groupSize) => (groupSize < 3 ? 4 / groupSize : 1),
  pack(run, groupSize) {
    if (groupSize < 3) return packFields([...new Array<number>(weightsBefore(run.length, 4)).fill(0), ...run]);
    return Array.from({ length: run.length / groupSize }, (_, group) =>
      packFields(run.slice(group * groupSize, (group + 1) * groupSize)),
    ).flat();
  },
  weight(run, group, tap, groups, groupSize) {
    const before = weightsBefore(groups * groupSize, 4);
    if (groupSize < 3) return `weight_s2(${run}, ${group} * ${groupSize} + ${tap} + ${before})`;
    return `weight_s2(${run} + ${group} * ${Math.ceil(groupSize / 4)}, ${tap})`;
  },
  helpers: `static inline int8_t weight_s2(const uint8_t *run, uint16_t index) {
  const uint8_t field = (pgm_read_byte(run + index / 4) >> (2 * (index & 3))) & 3;
  return field == 3 ? -1 : (int8_t)field;
}
`,
  needsCarry: () => true,
  immediate: true,
  load(assembly, phase, weights, carry) {
    weights.forEach((weight, tap) => {
      const field = (phase * weights.length + tap) % 4;
      if (field === 0) assembly.emit('lpm', r(carry), 'Z+');
      expand(assembly, weight, carry, field);
    });
    return weights;
  },
  enter(assembly, _phase, _groupSize, carry) {
    assembly.emit('lpm', r(carry), 'Z+');
  },
};

function packFields(weights: readonly number[]): number[] {
  return Array.from({ length: Math.ceil(weights.length / 4) }, (_, byte) =>
    weights.slice(4 * byte, 4 * byte + 4).reduce((bits, weight, field) => bits | ((weight & 3) << (2 * field)), 0),
  );
}

/** 0, 1 or 3 in two bits of `byte` to 0, 1 or −1; always 5 cycles. */
function expand(assembly: Assembly, weight: Register, byte: Register, field: number): void {
  assembly.emit('ldi', r(weight), 0);
  assembly.emit('sbrc', r(byte), 2 * field);
  assembly.emit('inc', r(weight));
  assembly.emit('sbrc', r(byte), 2 * field + 1);
  assembly.emit('neg', r(weight));
}
