import { r } from '../kernels/assembly.ts';
import type { Encoding } from './encoding.ts';

/** A byte a weight. */
export const int8: Encoding = {
  name: 's8',
  phases: () => 1,
  pack: (run) => run.map((weight) => weight & 0xff),
  weight: (run, group, tap, _groups, groupSize) => `(int8_t)pgm_read_byte(${run} + ${group} * ${groupSize} + ${tap})`,
  helpers: '',
  load(assembly, _phase, weights) {
    for (const weight of weights) assembly.emit('lpm', r(weight), 'Z+');
  },
  loadCycles: (groupSize) => 3 * groupSize,
  enter() {},
};
