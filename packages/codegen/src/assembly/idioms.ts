import type { Assembly } from './assembly.ts';
import { PRODUCT_HIGH, PRODUCT_LOW, r, type Register, X } from './registers.ts';

/** `pair += value` for a pair from r24 up, in two cycles; nothing for 0. Clobbers flags. */
export function addToPair({ emit }: Assembly, pair: Register, value: number): void {
  if (value === 0) return;
  if (value > 0 && value < 64) emit('adiw', r(pair), value);
  else if (value < 0 && value > -64) emit('sbiw', r(pair), -value);
  else {
    emit('subi', r(pair), `lo8(${-value})`);
    emit('sbci', r(pair + 1), `hi8(${-value})`);
  }
}

/** Copies bytes; pairs that start at even registers on both sides go in one cycle. */
export function copy({ emit }: Assembly, to: readonly Register[], from: readonly Register[]): void {
  for (let index = 0; index < to.length; index++) {
    const pair = index + 1 < to.length && to[index + 1] === to[index] + 1 && from[index + 1] === from[index] + 1;
    if (to[index] === from[index]) continue;
    if (pair && to[index] % 2 === 0 && from[index] % 2 === 0) {
      emit('movw', r(to[index]), r(from[index]));
      index++;
    } else emit('mov', r(to[index]), r(from[index]));
  }
}

/**
 * Gives each of `to` the byte that is in a register already, by its index in `from`; pairs in one cycle as soon as some pair holds the same
 * two bytes.
 */
export function spread({ emit }: Assembly, to: ReadonlyMap<Register, number>, from: readonly Register[]): void {
  const held = new Map(from.map((register, index) => [register, index]));
  const isHeld = (low: Register, bytes: readonly (number | undefined)[]): boolean =>
    low % 2 === 0 && held.get(low) === bytes[0] && held.get(low + 1) === bytes[1];
  for (const [register, byte] of [...to].sort(([a], [b]) => a - b)) {
    if (held.has(register)) continue;
    const neighbour = to.get(register + 1);
    const isPair = register % 2 === 0 && neighbour !== undefined && !held.has(register + 1);
    const source = isPair ? [...held.keys()].find((low) => isHeld(low, [byte, neighbour])) : undefined;
    if (source === undefined) emit('mov', r(register), r(from[byte]));
    else {
      emit('movw', r(register), r(source));
      held.set(register + 1, neighbour as number);
    }
    held.set(register, byte);
  }
}

/** `pair = expression`, for registers from r16 up. */
export function loadImmediatePair({ emit }: Assembly, pair: Register, expression: string): void {
  emit('ldi', r(pair), `lo8(${expression})`);
  emit('ldi', r(pair + 1), `hi8(${expression})`);
}

export function loadPair({ emit }: Assembly, pair: Register, address: string): void {
  emit('lds', r(pair), address);
  emit('lds', r(pair + 1), `${address} + 1`);
}

export function storePair({ emit }: Assembly, address: string, pair: Register): void {
  emit('sts', address, r(pair));
  emit('sts', `${address} + 1`, r(pair + 1));
}

/** `pair = base + factor · constant`, for a pair from r16 up other than the factor; uses r0, r1 and `scratch` from r16 up. */
export function multiplyAdd(
  assembly: Assembly,
  pair: Register,
  base: string,
  factor: Register,
  constant: number,
  scratch: Register,
): void {
  const { emit } = assembly;
  loadImmediatePair(assembly, pair, base);
  emit('ldi', r(scratch), constant & 0xff);
  emit('mul', r(factor), r(scratch));
  emit('add', r(pair), r(PRODUCT_LOW));
  emit('adc', r(pair + 1), r(PRODUCT_HIGH));
  if (constant < 256) return;
  emit('ldi', r(scratch), constant >> 8);
  emit('mul', r(factor), r(scratch));
  emit('add', r(pair + 1), r(PRODUCT_LOW));
}

/** `pair += value in RAM`, one or two bytes wide. Uses r0, and r1 for one byte. */
export function addVariable({ emit }: Assembly, pair: Register, address: string, bytes: 1 | 2): void {
  emit('lds', 'r0', address);
  if (bytes === 1) emit('clr', 'r1');
  emit('add', r(pair), 'r0');
  if (bytes === 2) emit('lds', 'r0', `${address} + 1`);
  emit('adc', r(pair + 1), bytes === 2 ? 'r0' : 'r1');
}

/** Zeroes `bytes` bytes from an address, an expression of the assembler; leaves r1 = 0. Uses X, r24 and r25. */
export function clearMemory(assembly: Assembly, address: string, bytes: number): void {
  const { emit } = assembly;
  loadImmediatePair(assembly, X, address);
  emit('clr', 'r1');
  // Whole rounds of 255 bytes at most, then the rest.
  const rest = bytes % 255;
  const rounds = Math.floor(bytes / 255);
  const zero = (count: number): void => {
    emit('ldi', 'r24', count);
    assembly.countDown({ register: 24 }, count, () => emit('st', 'X+', 'r1'));
  };
  if (rounds > 0) assembly.repeat({ register: 25 }, rounds, 25, () => zero(255));
  if (rest > 0) zero(rest);
}
