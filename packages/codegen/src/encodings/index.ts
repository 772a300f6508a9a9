import type { WeightBits } from '@sparrow/model';
import type { Encoding } from './encoding.ts';
import { int4, int4Offset } from './int4.ts';
import { int8, int8Offset } from './int8.ts';
import { ternary } from './ternary.ts';

export { type Encoding, littleEndian } from './encoding.ts';

const ENCODINGS: readonly Encoding[] = [int8, int8Offset, int4, int4Offset, ternary];

/** All ways to store weights of this width. */
export function encodingsFor(weightBits: WeightBits): readonly Encoding[] {
  return ENCODINGS.filter((encoding) => encoding.weightBits === weightBits);
}
