import type { WeightBits } from '../architecture.ts';

/** Bytes that `count` weights take: 1, 2 or 4 weights a byte. */
export function packedBytes(count: number, weightBits: WeightBits): number {
  return Math.ceil((count * weightBits) / 8);
}

/** Two's complement of `weightBits` bits each, the first weight in the lowest bits of a byte. */
export function packWeights(weights: Int8Array, weightBits: WeightBits): Uint8Array {
  const perByte = 8 / weightBits;
  const mask = (1 << weightBits) - 1;
  const packed = new Uint8Array(packedBytes(weights.length, weightBits));
  weights.forEach((weight, index) => {
    packed[Math.floor(index / perByte)] |= (weight & mask) << ((index % perByte) * weightBits);
  });
  return packed;
}

/** Inverse of `packWeights`. */
export function unpackWeights(packed: Uint8Array, count: number, weightBits: WeightBits): Int8Array {
  const perByte = 8 / weightBits;
  return new Int8Array(count).map((_, index) => {
    const bitsAbove = 32 - weightBits - (index % perByte) * weightBits;
    return (packed[Math.floor(index / perByte)] << bitsAbove) >> (32 - weightBits);
  });
}
