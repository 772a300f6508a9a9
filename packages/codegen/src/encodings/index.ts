import type { WeightBits } from '@sparrow/model';
import type { Encoding } from './encoding.ts';
import { int4 } from './int4.ts';
import { int8 } from './int8.ts';
import { ternary } from './ternary.ts';

export { type Encoding, littleEndian } from './encoding.ts';

export const ENCODINGS: readonly Encoding[] = [int8, int4, ternary];

export function encodingFor(weightBits: WeightBits): Encoding {
  return { 8: int8, 4: int4, 2: ternary }[weightBits];
}
