import type { AccumulatorRange } from '@sparrow/model';
import type { Assembly } from '../assembly/assembly.ts';
import { copy } from '../assembly/idioms.ts';
import { PRODUCT_HIGH, PRODUCT_LOW, r, type Register } from '../assembly/registers.ts';

/** A requantisation, as far as a kernel is specialised to it. */
export interface RequantizeShape {
  readonly range: AccumulatorRange;
  readonly largestMultiplier: number;
  readonly shift: 0 | 8 | 16 | 24;
}

export interface RequantizeRegisters {
  /** The activation; from r16 up. */
  readonly result: Register;
  /** Little-endian; as many as `RequantizeNeeds` says. */
  readonly multiplier: readonly Register[];
  readonly temporaries: readonly Register[];
}

interface Bytes {
  /** Of a sum after ReLU. */
  readonly sum: number;
  readonly multiplier: number;
  /** Index of the product's byte that is the activation. */
  readonly result: number;
  /** Highest byte of the product that can be other than 0. */
  readonly top: number;
  /** Whether the activation can exceed 255. */
  readonly saturates: boolean;
}

function bytesOf(value: number): number {
  let bytes = 1;
  while (value >= 2 ** (8 * bytes)) bytes++;
  return bytes;
}

function resolve({ range, largestMultiplier, shift }: RequantizeShape): Bytes {
  const highest = Math.max(0, range.highest);
  const result = shift / 8;
  const product = highest * largestMultiplier;
  const saturates = Math.floor(product / 2 ** shift) > 255;
  const top = saturates ? bytesOf(product) - 1 : Math.min(bytesOf(product) - 1, result);
  return { sum: bytesOf(highest), multiplier: bytesOf(largestMultiplier), result, top, saturates };
}

/** Registers that `requantize` needs besides result and multiplier. */
export function requantizeTemporaries(shape: RequantizeShape): number {
  return resolve(shape).top + 1;
}

/**
 * docs/numerics.md §3 on one sum: leaves the activation in `result`. The product is built byte by byte from 8×8
 * multiplications; of the bytes that the shift drops only the carries are needed. Takes the same time for all sums:
 * that of a negative one is multiplied like any other, and dropped.
 */
export function requantize(
  assembly: Assembly,
  shape: RequantizeShape,
  sum: readonly Register[],
  { result, multiplier, temporaries }: RequantizeRegisters,
): void {
  const { emit } = assembly;
  const bytes = resolve(shape);
  if (shape.range.highest <= 0 || bytes.top < bytes.result) return emit('ldi', r(result), 0);
  const [zero, ...free] = temporaries;
  const product = placeProduct(bytes, result, free);
  multiplyBytes(assembly, bytes, sum, multiplier, product, zero);
  if (bytes.saturates) {
    const above = product[bytes.result + 1];
    for (let index = bytes.result + 2; index <= bytes.top; index++) emit('or', r(above), r(product[index]));
    emit('cpse', r(above), r(zero));
    emit('ldi', r(result), 255);
  }
  if (shape.range.lowest < 0) {
    emit('sbrc', r(sum[sum.length - 1]), 7);
    emit('ldi', r(result), 0);
  }
}

/** Registers of the product's bytes by index; none for the lowest, of which only the carry counts. */
function placeProduct({ result, top }: Bytes, resultRegister: Register, free: readonly Register[]): Register[] {
  const spare = [...free];
  const product: Register[] = [];
  for (let index = lowestByte(result); index <= top; index++) {
    product[index] = index === result ? resultRegister : (spare.shift() as Register);
  }
  return product;
}

/** No carry comes out of byte 0: a single product ends there. */
function lowestByte(result: number): number {
  return result === 0 ? 0 : 1;
}

/** product = sum · multiplier, as far as its bytes are placed. Leaves `zero` cleared. */
function multiplyBytes(
  assembly: Assembly,
  { sum: sumBytes, multiplier: multiplierBytes, result, top }: Bytes,
  sum: readonly Register[],
  multiplier: readonly Register[],
  product: readonly Register[],
  zero: Register,
): void {
  const { emit } = assembly;
  const lowest = lowestByte(result);
  emit('clr', r(zero));
  let filled = -1;
  for (const [i, j] of orderedTerms(sumBytes, multiplierBytes)) {
    const at = i + j;
    if (at > top) continue;
    emit('mul', r(sum[i]), r(multiplier[j]));
    if (at > filled) {
      const targets = [at, at + 1].filter((index) => index >= lowest && index <= top);
      copy(
        assembly,
        targets.map((index) => product[index]),
        targets.map((index) => index - at),
      );
      filled = Math.min(at + 1, top);
      continue;
    }
    // Bytes above what is filled start as 0.
    if (at + 1 > filled && at + 1 <= top) {
      emit('mov', r(product[at + 1]), r(zero));
      filled = at + 1;
    }
    emit('add', r(product[at]), r(PRODUCT_LOW));
    if (at + 1 <= top) emit('adc', r(product[at + 1]), r(PRODUCT_HIGH));
    for (let index = at + 2; index <= filled; index++) emit('adc', r(product[index]), r(zero));
  }
}

/** Products of byte pairs: first those that fill the result's bytes two by two, then the others, which are added. */
function orderedTerms(sumBytes: number, multiplierBytes: number): [number, number][] {
  const filling: [number, number][] = [];
  const adding: [number, number][] = [];
  let next = 0;
  for (let at = 0; at <= sumBytes + multiplierBytes - 2; at++) {
    for (let i = Math.min(at, sumBytes - 1); i >= 0 && at - i < multiplierBytes; i--) {
      if (at === next) {
        filling.push([i, at - i]);
        next += 2;
      } else adding.push([i, at - i]);
    }
  }
  return [...filling, ...adding];
}
