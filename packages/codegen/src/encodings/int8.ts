import { r } from '../assembly/registers.ts';
import type { DenseEncoding } from './encoding.ts';

/** A byte a weight, which `instruction` loads. */
function makeInt8(name: string, offset: 0 | 128, instruction: 'lpm' | 'ld' = 'lpm'): DenseEncoding {
  return {
    kind: 'dense',
    name,
    weightBits: 8,
    offset,
    phases: () => 1,
    pack: (run) => run.map((weight) => (weight + offset) & 0xff),
    weight(run, group, tap, _groups, groupSize) {
      const byte = `pgm_read_byte(${run} + ${group} * ${groupSize} + ${tap})`;
      return offset === 0 ? `(int8_t)${byte}` : `(int8_t)(${byte} - ${offset})`;
    },
    helpers: '',
    needsCarry: () => false,
    immediate: false,
    load(assembly, _phase, weights) {
      for (const weight of weights) assembly.emit(instruction, r(weight), 'Z+');
      return weights;
    },
    enter() {},
  };
}

export const int8 = makeInt8('s8', 0);
export const int8Offset = makeInt8('u8', 128);

/** In RAM instead of flash. */
export const int8InRam = makeInt8('s8', 0, 'ld');
