import type { WeightBits } from '@sparrow/model';
import type { DenseEncoding, SparseEncoding } from './encoding.ts';
import { int4, int4Offset } from './int4.ts';
import { int8, int8Offset } from './int8.ts';
import { sparseInt4 } from './sparse-int4.ts';
import { sparseInt4Entered } from './sparse-int4-entered.ts';
import { sparseInt8 } from './sparse-int8.ts';
import { sparseInt8Entered } from './sparse-int8-entered.ts';
import { sparseInt8Pairs, sparseInt8PairsLong } from './sparse-int8-pairs.ts';
import { sparseTernary } from './sparse-ternary.ts';
import { ternary } from './ternary.ts';

export * from './encoding.ts';
export { int8InRam } from './int8.ts';

const DENSE_ENCODINGS: readonly DenseEncoding[] = [int8, int8Offset, int4, int4Offset, ternary];
const SPARSE_ENCODINGS: readonly SparseEncoding[] = [
  sparseInt8,
  sparseInt8Entered,
  sparseInt8Pairs,
  sparseInt8PairsLong,
  sparseInt4,
  sparseInt4Entered,
  sparseTernary,
];

/** All ways to store weights of this width side by side. */
export function denseEncodingsFor(weightBits: WeightBits): readonly DenseEncoding[] {
  return DENSE_ENCODINGS.filter((encoding) => encoding.weightBits === weightBits);
}

/** All ways to store those weights of this width that are not 0. */
export function sparseEncodingsFor(weightBits: WeightBits): readonly SparseEncoding[] {
  return SPARSE_ENCODINGS.filter((encoding) => encoding.weightBits === weightBits);
}
