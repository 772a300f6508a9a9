import { biasStepExponent, type WeightedLayer } from '@sparrow/model';
import type { Assembly } from './assembly/assembly.ts';
import { copy } from './assembly/idioms.ts';
import { PRODUCT_HIGH, PRODUCT_LOW, r, type Register } from './assembly/registers.ts';
import { littleEndian } from './encodings/index.ts';

/** How a bias lies in flash: as wide as a sum, or as a byte, −127…127, that counts steps of `2^stepExponent`. */
export interface BiasLayout {
  readonly bytes: number;
  /** Of bytes only. */
  readonly stepExponent?: number;
}

export function biasLayout({ biasBits, name }: WeightedLayer, biases: Int32Array, sumBytes: number): BiasLayout {
  if (biasBits === undefined) return { bytes: sumBytes };
  const stepExponent = biasStepExponent(biases);
  if (stepExponent === undefined) throw new Error(`${name}: its biases are no bytes, as it promises`);
  return { bytes: 1, stepExponent };
}

export function packBias(bias: number, { bytes, stepExponent = 0 }: BiasLayout): number[] {
  return littleEndian(bias / 2 ** stepExponent, bytes);
}

/** C expression of type `uint32_t`: the bias at the address `at` in flash. */
export function readBias({ bytes, stepExponent }: BiasLayout, at: string): string {
  if (stepExponent !== undefined) return `(uint32_t)((int32_t)(int8_t)pgm_read_byte(${at}) * ${2 ** stepExponent})`;
  if (bytes === 2) return `(uint32_t)(int32_t)(int16_t)read_u16(${at})`;
  return bytes === 3 ? `read_s24(${at})` : `read_u32(${at})`;
}

/**
 * `sum = the bias at Z`, which moves on. A byte is shifted by a multiplication: two cycles whatever the step, and its sign is left in the carry.
 * `scratch` is two registers from r16 to r23 for it, which may belong to the sum.
 */
export function loadBias(
  assembly: Assembly,
  { stepExponent }: BiasLayout,
  sum: readonly Register[],
  scratch: readonly Register[],
): void {
  const { emit } = assembly;
  const [steps, step] = scratch;
  if (stepExponent === undefined) {
    for (const byte of sum) emit('lpm', r(byte), 'Z+');
    return;
  }
  const below = Math.floor(stepExponent / 8);
  const product = sum.slice(below, below + 2);
  emit('lpm', r(steps), 'Z+');
  emit('ldi', r(step), 2 ** (stepExponent % 8));
  emit('mulsu', r(steps), r(step));
  copy(assembly, product, [PRODUCT_LOW, PRODUCT_HIGH].slice(0, product.length));
  for (const byte of sum.slice(0, below)) emit('clr', r(byte));
  for (const byte of sum.slice(below + 2)) emit('sbc', r(byte), r(byte));
}
