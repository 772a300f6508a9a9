import type { Assembly } from '../../assembly/assembly.ts';
import { addToPair, copy } from '../../assembly/idioms.ts';
import { r, type Register, X } from '../../assembly/registers.ts';
import { takeLarger } from '../max-pool.ts';
import { requantize } from '../requantize.ts';
import { loadMultiplier } from './load-multiplier.ts';
import { forPhase } from './phase.ts';
import type { ConvolutionShape } from './shape.ts';
import type { OutputRegisters, RowPlace, Tile } from './tile.ts';
import { pixelGroups } from './tile-run.ts';

/** Addresses of what outputs need in RAM. */
export interface OutputVariables {
  /** 0 if the output row begins, else 255. */
  readonly mask: string;
  /** Columns of the first window of the max-pool that belong to the tile before. */
  readonly phase: string;
}

/** From sums to activations in RAM; multipliers come from Z. Leaves X at the next filter's outputs. */
export function emitOutputs(assembly: Assembly, shape: ConvolutionShape, tile: Tile, variables: OutputVariables): void {
  const { emit } = assembly;
  const { registers } = tile;
  const { outputs } = registers;
  assembly.phase('calls', () => {
    if (outputs.late.length === 0) loadPlace(assembly, X, registers.row);
    forPhase(assembly, tile, variables, (phase) => {
      if (foldsRows(shape)) emit('lds', r(outputs.mask), variables.mask);
      if (!registers.lasting) emit('clr', r(outputs.zero));
      emitPhase(assembly, shape, tile, phase);
    });
  });
}

const foldsRows = ({ pool }: ConvolutionShape): boolean => (pool?.height ?? 1) > 1;

function emitPhase(assembly: Assembly, shape: ConvolutionShape, { registers, run }: Tile, phase: number): void {
  const { emit } = assembly;
  const { outputs, sums: all } = registers;
  const groups = pixelGroups(run, phase);
  let temporaries = outputs.temporaries;
  for (const register of outputs.borrowed) emit('push', r(register));
  all.forEach((sums, filter) => {
    assembly.phase('requantisation', () => loadMultiplier(assembly, shape, outputs));
    let pixel = 0;
    groups.forEach((pixels, group) => {
      const window = sums.slice(pixel, pixel + pixels);
      pixel += pixels;
      assembly.phase('compute', () => window.slice(1).forEach((other) => takeMaximum(assembly, window[0], other)));
      assembly.phase('requantisation', () => requantize(assembly, shape, window[0], { ...outputs, temporaries }));
      const isFirst = filter === 0 && group === 0;
      if (isFirst && outputs.late.length > 0) loadPlace(assembly, X, registers.row);
      // The tile before has begun this window.
      const isRest = group === 0 && phase > 0;
      if (isRest || foldsRows(shape))
        foldInto(assembly, outputs.result, outputs.old, isRest ? undefined : outputs.mask);
      emit('st', 'X+', r(outputs.result));
      if (isFirst) temporaries = giveBack(assembly, outputs, window[0]);
    });
    addToPair(assembly, X, shape.outputStride - groups.length);
  });
}

/** X and the last sum get their registers back, those of the first take their place. */
function giveBack(
  { emit }: Assembly,
  { late, borrowed, temporaries }: OutputRegisters,
  first: readonly Register[],
): Register[] {
  for (const register of [...borrowed].reverse()) emit('pop', r(register));
  const given = [...late, ...borrowed];
  return temporaries.map((register) => {
    const index = given.indexOf(register);
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
function foldInto(assembly: Assembly, value: Register, old: Register, mask?: Register): void {
  const { emit } = assembly;
  assembly.phase('compute', () => {
    emit('ld', r(old), 'X');
    if (mask !== undefined) emit('and', r(old), r(mask));
    takeLarger(assembly, value, old);
  });
}

export function loadPlace(assembly: Assembly, pair: Register, place: RowPlace): void {
  if ('registers' in place) copy(assembly, [pair, pair + 1], place.registers);
  else place.io.forEach((io, byte) => assembly.emit('in', r(pair + byte), io));
}

export function storePlace(assembly: Assembly, place: RowPlace, pair: Register): void {
  if ('registers' in place) copy(assembly, place.registers, [pair, pair + 1]);
  else place.io.forEach((io, byte) => assembly.emit('out', io, r(pair + byte)));
}
