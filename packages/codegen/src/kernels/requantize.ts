import type { AccumulatorRange } from '@sparrow/model';
import { type Assembly, copy, PRODUCT_HIGH, PRODUCT_LOW, r, type Register } from './assembly.ts';

/** A requantisation, as far as a kernel is specialised to it. */
export interface RequantizeShape {
  readonly range: AccumulatorRange;
  readonly largestMultiplier: number;
  readonly shift: 0 | 8 | 16 | 24;
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

/** Registers that `requantize` needs besides sum and multiplier. */
export function requantizeTemporaries(shape: RequantizeShape): number {
  return resolve(shape).top + 2;
}

/**
 * docs/numerics.md §3 on one sum, which it may destroy; the activation is stored to X+. The product is built byte by
 * byte from 8×8 multiplications; of the bytes that the shift drops only the carries are needed.
 * `temporaries`: as many as `requantizeTemporaries`, the first from r16 up.
 */
export function requantize(
  assembly: Assembly,
  shape: RequantizeShape,
  sum: readonly Register[],
  multiplier: readonly Register[],
  temporaries: readonly Register[],
): void {
  const bytes = resolve(shape);
  const { emit } = assembly;
  const [result, zero, ...rest] = temporaries;
  const store = assembly.newLabel('store');
  if (shape.range.highest <= 0 || bytes.top < bytes.result) {
    emit('clr', r(result));
    emit('st', 'X+', r(result));
    return;
  }
  emit('clr', r(zero));
  if (shape.range.lowest < 0) {
    emit('clr', r(result));
    emit('sbrc', r(sum[sum.length - 1]), 7);
    emit('rjmp', store);
  }
  multiplyBytes(assembly, bytes, sum, multiplier, result, zero, rest);
  assembly.label(store);
  emit('st', 'X+', r(result));
}

/** Leaves byte `bytes.result` of sum · multiplier, or 255 if a higher byte is not 0, in `result`. */
function multiplyBytes(
  assembly: Assembly,
  bytes: Bytes,
  sum: readonly Register[],
  multiplier: readonly Register[],
  result: Register,
  zero: Register,
  free: readonly Register[],
): void {
  const { emit } = assembly;
  const spare = [...free];
  const lowest = bytes.result === 0 ? 0 : 1;
  const product: Register[] = [];
  for (let index = lowest; index <= bytes.top; index++) {
    product[index] = index === bytes.result ? result : (spare.shift() as Register);
  }
  let filled = -1;
  const terms = orderedTerms(bytes.sum, bytes.multiplier).filter(([i, j]) => i + j <= bytes.top);
  for (const [i, j] of terms) {
    const at = i + j;
    emit('mul', r(sum[i]), r(multiplier[j]));
    if (at > filled) {
      const targets = [at, at + 1].filter((index) => index >= lowest && index <= bytes.top);
      copy(
        assembly,
        targets.map((index) => product[index]),
        targets.map((index) => index - at),
      );
      filled = Math.min(at + 1, bytes.top);
      continue;
    }
    // Bytes above what is filled start as 0.
    if (at + 1 > filled && at + 1 <= bytes.top) {
      emit('mov', r(product[at + 1]), r(zero));
      filled = at + 1;
    }
    if (at < lowest) continue;
    emit('add', r(product[at]), r(PRODUCT_LOW));
    if (at + 1 <= bytes.top) emit('adc', r(product[at + 1]), r(PRODUCT_HIGH));
    for (let index = at + 2; index <= filled; index++) emit('adc', r(product[index]), r(zero));
  }
  if (!bytes.saturates) return;
  for (let index = bytes.result + 2; index <= bytes.top; index++)
    emit('or', r(product[bytes.result + 1]), r(product[index]));
  emit('cpse', r(product[bytes.result + 1]), r(zero));
  emit('ldi', r(result), 255);
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
