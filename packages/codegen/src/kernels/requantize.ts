import type { AccumulatorRange } from '@sparrow/model';
import type { Assembly } from '../assembly/assembly.ts';
import { copy } from '../assembly/idioms.ts';
import { PRODUCT_HIGH, PRODUCT_LOW, r, type Register } from '../assembly/registers.ts';

/** A requantisation, as far as a kernel is specialised to it. */
export interface RequantizeShape {
  readonly range: AccumulatorRange;
  readonly smallestMultiplier: number;
  readonly largestMultiplier: number;
  readonly shift: 0 | 8 | 16 | 24;
}

export interface RequantizeRegisters {
  /** The activation; from r16 up. */
  readonly result: Register;
  /** Little-endian. */
  readonly multiplier: readonly Register[];
  /** Holds 0. */
  readonly zero: Register;
  /** As many as `requantizeTemporaries` says. */
  readonly temporaries: readonly Register[];
}

interface Bytes {
  /** Of a sum after ReLU that go into the product: if a higher one is not 0, the activation is 255 whatever the product. */
  readonly sum: number;
  /** Higher bytes that can be other than 0 after ReLU. */
  readonly saturating: number;
  readonly multiplier: number;
  /** Index of the product's byte that is the activation. */
  readonly result: number;
  /** Highest byte of the product that can be other than 0 and matters. */
  readonly top: number;
  /** Whether the product can exceed 255 after the shift. */
  readonly productSaturates: boolean;
  /** The last carry takes the sum's saturating byte along: what is above the result is 0 only if both are. */
  readonly joins: boolean;
}

function bytesOf(value: number): number {
  let bytes = 1;
  while (value >= 2 ** (8 * bytes)) bytes++;
  return bytes;
}

function resolve({ range, smallestMultiplier, largestMultiplier, shift }: RequantizeShape): Bytes {
  const highest = Math.max(0, range.highest);
  const all = bytesOf(highest);
  let sum = all;
  while (sum > 1 && 2 ** (8 * (sum - 1)) * smallestMultiplier >= 2 ** (shift + 8)) sum--;
  const result = shift / 8;
  const product = Math.min(highest, 2 ** (8 * sum) - 1) * largestMultiplier;
  const productSaturates = Math.floor(product / 2 ** shift) > 255;
  const top = productSaturates ? bytesOf(product) - 1 : Math.min(bytesOf(product) - 1, result);
  const multiplier = bytesOf(largestMultiplier);
  const saturating = all - sum;
  const [last] = orderedTerms(sum, multiplier).slice(-1);
  const above = Math.floor(product / 2 ** (shift + 8)) + Math.floor(highest / 2 ** (8 * sum));
  const joins =
    productSaturates && saturating === 1 && top === result + 1 && last[0] + last[1] <= top - 2 && above < 255;
  return { sum, saturating, multiplier, result, top, productSaturates, joins };
}

/** Registers that `requantize` needs besides result, multiplier and zero. */
export function requantizeTemporaries(shape: RequantizeShape): number {
  const { result, top, saturating } = resolve(shape);
  const product = Math.max(0, top - lowestByte(result));
  return Math.max(product, saturating > 1 ? 1 : 0);
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
  { result, multiplier, zero, temporaries }: RequantizeRegisters,
): void {
  const { emit } = assembly;
  const bytes = resolve(shape);
  const isZero = shape.range.highest <= 0 || (bytes.top < bytes.result && bytes.saturating === 0);
  if (isZero) return emit('ldi', r(result), 0);
  const product = placeProduct(bytes, result, temporaries);
  if (bytes.top < bytes.result) emit('ldi', r(result), 0);
  else multiplyBytes(assembly, bytes, sum, multiplier, product, zero);
  saturate(assembly, bytes, sum, product, result, zero, temporaries);
  if (shape.range.lowest < 0) {
    emit('sbrc', r(sum[sum.length - 1]), 7);
    emit('ldi', r(result), 0);
  }
}

/** 255 if anything above the result is not 0. The sum's top byte still has to tell the sign, so none of its bytes is changed. */
function saturate(
  { emit }: Assembly,
  { sum: sumBytes, saturating, result: resultByte, top, productSaturates, joins }: Bytes,
  sum: readonly Register[],
  product: readonly Register[],
  result: Register,
  zero: Register,
  [temporary]: readonly Register[],
): void {
  const above = [
    ...(productSaturates ? product.slice(resultByte + 1, top + 1) : []),
    ...sum.slice(sumBytes, joins ? sumBytes : sumBytes + saturating),
  ];
  if (above.length === 0) return;
  let [joined] = above;
  if (!productSaturates && above.length > 1) {
    emit('mov', r(temporary), r(joined));
    joined = temporary;
  }
  for (const byte of above.slice(1)) emit('or', r(joined), r(byte));
  emit('cpse', r(joined), r(zero));
  emit('ldi', r(result), 255);
}

/** Registers of the product's bytes by index; none for the lowest, of which only the carry counts. */
function placeProduct({ result, top }: Bytes, resultRegister: Register, free: readonly Register[]): Register[] {
  const neighbour = free.includes(resultRegister + 1) ? [resultRegister + 1] : [];
  const spare = free.filter((register) => !neighbour.includes(register));
  const product: Register[] = [];
  for (let index = lowestByte(result); index <= top; index++) {
    if (index === result) product[index] = resultRegister;
    else if (index === result + 1 && neighbour.length > 0) product[index] = neighbour[0];
    else product[index] = (spare.shift() ?? neighbour[0]) as Register;
  }
  return product;
}

/** No carry comes out of byte 0: a single product ends there. */
function lowestByte(result: number): number {
  return result === 0 ? 0 : 1;
}

/** product = sum · multiplier, as far as its bytes are placed. */
function multiplyBytes(
  assembly: Assembly,
  { sum: sumBytes, multiplier: multiplierBytes, result, top, joins }: Bytes,
  sum: readonly Register[],
  multiplier: readonly Register[],
  product: readonly Register[],
  zero: Register,
): void {
  const { emit } = assembly;
  const lowest = lowestByte(result);
  const terms = orderedTerms(sumBytes, multiplierBytes);
  let filled = -1;
  terms.forEach(([i, j], term) => {
    const at = i + j;
    if (at > top) return;
    emit('mul', r(sum[i]), r(multiplier[j]));
    if (at > filled) {
      const targets = [at, at + 1].filter((index) => index >= lowest && index <= top);
      copy(
        assembly,
        targets.map((index) => product[index]),
        targets.map((index) => index - at),
      );
      filled = Math.min(at + 1, top);
      return;
    }
    // Bytes above what is filled start as 0.
    if (at + 1 > filled && at + 1 <= top) {
      emit('mov', r(product[at + 1]), r(zero));
      filled = at + 1;
    }
    emit('add', r(product[at]), r(PRODUCT_LOW));
    if (at + 1 <= top) emit('adc', r(product[at + 1]), r(PRODUCT_HIGH));
    for (let index = at + 2; index <= filled; index++) {
      const carries = joins && term === terms.length - 1 && index === top ? sum[sumBytes] : zero;
      emit('adc', r(product[index]), r(carries));
    }
  });
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
