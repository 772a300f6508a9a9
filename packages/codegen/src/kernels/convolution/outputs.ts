import type { Assembly } from '../../assembly/assembly.ts';
import { addToPair, copy, loadPair, storePair } from '../../assembly/idioms.ts';
import { r, type Register, X, Y } from '../../assembly/registers.ts';
import { takeLarger } from '../max-pool.ts';
import { requantize } from '../requantize.ts';
import { type ConvolutionShape, outputColumns } from './shape.ts';
import type { OutputRegisters, Place, Tile } from './tile.ts';

/** Addresses of what outputs need in RAM. */
export interface OutputVariables {
  /** 0 if the output row begins, else 255. */
  readonly mask: string;
  /** One row of one channel before pooling, and where its maxima go. */
  readonly unpooled: string;
  readonly pooledRow: string;
}

/** Pixels that a tile writes a filter. */
export function tileOutputs({ pixels, poolsInRegisters }: Tile, { pool }: ConvolutionShape): number {
  return poolsInRegisters && pool ? pixels / pool.width : pixels;
}

/** From sums to activations in RAM; multipliers come from Z. Leaves X behind the last filter's outputs. */
export function emitOutputs(assembly: Assembly, shape: ConvolutionShape, tile: Tile, variables: OutputVariables): void {
  const { emit } = assembly;
  const { registers, poolsInRegisters } = tile;
  const { outputs } = registers;
  const pool = poolsInRegisters ? shape.pool : undefined;
  const folds = (pool?.height ?? 1) > 1;
  assembly.phase('calls', () => {
    loadPlace(assembly, X, registers.row);
    if (folds) emit('lds', r(outputs.mask), variables.mask);
    emit('clr', r(outputs.zero));
  });
  let temporaries = outputs.temporaries;
  for (const register of outputs.borrowed) emit('push', r(register));
  registers.sums.forEach((sums, filter) => {
    assembly.phase('requantisation', () => {
      for (const byte of outputs.multiplier) emit('lpm', r(byte), 'Z+');
    });
    for (let pixel = 0; pixel < sums.length; pixel += pool?.width ?? 1) {
      const window = sums.slice(pixel, pixel + (pool?.width ?? 1));
      assembly.phase('compute', () => window.slice(1).forEach((other) => takeMaximum(assembly, window[0], other)));
      assembly.phase('requantisation', () => requantize(assembly, shape, window[0], { ...outputs, temporaries }));
      if (folds) foldInto(assembly, outputs.result, outputs.old, outputs.mask);
      emit('st', 'X+', r(outputs.result));
      if (filter === 0 && pixel === 0) temporaries = giveBack(assembly, outputs, window[0]);
    }
    if (filter + 1 < registers.sums.length) addToPair(assembly, X, shape.outputStride - tileOutputs(tile, shape));
  });
}

/** The last sum gets its registers back, those of the first take their place. */
function giveBack(
  { emit }: Assembly,
  { borrowed, temporaries }: OutputRegisters,
  first: readonly Register[],
): Register[] {
  for (const register of [...borrowed].reverse()) emit('pop', r(register));
  return temporaries.map((register) => {
    const index = borrowed.indexOf(register);
    return index < 0 ? register : first[index];
  });
}

/** `a = max(a, b)`, signed, in the same time whichever is larger: copies leave the flags alone, and each has its own jump. */
function takeMaximum(assembly: Assembly, a: readonly Register[], b: readonly Register[]): void {
  const { emit } = assembly;
  emit('cp', r(a[0]), r(b[0]));
  for (let byte = 1; byte < a.length; byte++) emit('cpc', r(a[byte]), r(b[byte]));
  for (let byte = 0; byte < a.length; byte++) {
    const pairs = [a, b].every((sum) => sum[byte] % 2 === 0 && sum[byte + 1] === sum[byte] + 1);
    const end = assembly.newLabel('max');
    emit('brge', end);
    copy(assembly, a.slice(byte, byte + (pairs ? 2 : 1)), b.slice(byte, byte + (pairs ? 2 : 1)));
    assembly.label(end);
    if (pairs) byte++;
  }
}

/** `value = max(value, what X points at)`, or the value alone if `mask` is 0. */
function foldInto(assembly: Assembly, value: Register, old: Register, mask: Register): void {
  const { emit } = assembly;
  assembly.phase('compute', () => {
    emit('ld', r(old), 'X');
    emit('and', r(old), r(mask));
    takeLarger(assembly, value, old);
  });
}

/** Takes the maxima of the row before pooling, for one filter. All registers but Z and the column's are free. */
export function emitPooling(
  assembly: Assembly,
  shape: ConvolutionShape,
  { registers: { column } }: Tile,
  variables: OutputVariables,
): void {
  const { emit } = assembly;
  const { pool, outputStride } = shape;
  if (!pool) return;
  const kept: readonly Register[] = 'registers' in column ? column.registers : [];
  const [highest, other, mask, counter] = [25, 24, 23, 22, 21, 20].filter((register) => !kept.includes(register));
  const folds = pool.height > 1;
  emit('ldi', r(Y), `lo8(${variables.unpooled})`);
  emit('ldi', r(Y + 1), `hi8(${variables.unpooled})`);
  loadPair(assembly, X, variables.pooledRow);
  if (folds) emit('lds', r(mask), variables.mask);
  assembly.repeat({ register: counter }, outputColumns(shape), counter, () => {
    emit('ld', r(highest), 'Y+');
    for (let tap = 1; tap < pool.width; tap++) {
      emit('ld', r(other), 'Y+');
      takeLarger(assembly, highest, other);
    }
    if (folds) foldInto(assembly, highest, other, mask);
    emit('st', 'X+', r(highest));
  });
  addToPair(assembly, X, outputStride - outputColumns(shape));
  storePair(assembly, variables.pooledRow, X);
}

export function loadPlace(assembly: Assembly, pair: Register, place: Place): void {
  if ('registers' in place) copy(assembly, [pair, pair + 1], place.registers);
  else if ('address' in place) loadPair(assembly, pair, place.address);
}

export function storePlace(assembly: Assembly, place: Place, pair: Register): void {
  if ('registers' in place) copy(assembly, place.registers, [pair, pair + 1]);
  else if ('address' in place) storePair(assembly, place.address, pair);
}
