import type { Assembly, Counter } from '../../assembly/assembly.ts';
import { addToPair, copy, loadImmediatePair } from '../../assembly/idioms.ts';
import { PRODUCT_HIGH, PRODUCT_LOW, r, type Register, RegisterPool, X, Y, Z } from '../../assembly/registers.ts';
import { registerOf, type StepFrame } from '../../context.ts';
import type { Scratch } from '../../scratch.ts';
import { multiplyAccumulate } from '../multiply-accumulate.ts';
import { placeActivations, requantizeSums, storeActivations } from './activations.ts';
import { type DenseShape, type DenseTile, sumBytes, tileBytes, tileRuns } from './shape.ts';
import { emitRowTotal, type PairPlace, subtractRowTotal, sumsRowFirst } from './row-total.ts';
import { extendSums, loadSums, storeLogits, storeSums, subtractTotal, type Sums } from './sums.ts';
import { emitValues } from './values.ts';

/** Names of the tables in flash. */
export interface DenseTables {
  /** Biases of a tile, its weights for one row, and its multipliers if the input has a single row; then the next tile. */
  readonly weights: string;
  readonly multipliers: string;
}

interface DenseRegisters {
  readonly sums: Sums;
  readonly weight: Register;
  readonly pixel: Register;
  readonly carry: Register;
  readonly extension?: Register;
  readonly counter: Register;
  /** Σx of the row, for unsigned weights and 24-bit sums; of the offset's correction then. */
  readonly total?: readonly [Register, Register];
}

/** Whether the 16 bits that Σx of a row is summed in are enough: as many as sums have, or as many as it needs. */
export function hasRowTotal({ accumulatorBits, planes, values }: DenseShape): boolean {
  return accumulatorBits === 16 || (accumulatorBits === 24 && planes * values * 255 < 65536);
}

function placeDense(shape: DenseShape, { encoding, units }: DenseTile): DenseRegisters | undefined {
  const pool = new RegisterPool(Array.from({ length: 24 }, (_, index) => index + 2));
  const bytes = sumBytes(shape);
  const weight = pool.take(16, 23);
  const pixel = pool.take(16, 23);
  const carry = encoding.needsCarry(1) ? (pool.take(16, 23) ?? pool.take(16)) : pixel;
  const counter = pool.take(16);
  const extension = bytes > 2 ? pool.take() : undefined;
  const sumsValues = encoding.offset > 0 && bytes > 2;
  const total = sumsValues ? pool.takeLow(2) : undefined;
  const sums = Array.from({ length: units }, () => pool.takeLow(bytes));
  if (weight === undefined || pixel === undefined || carry === undefined || counter === undefined) return undefined;
  if (sums.includes(undefined) || (sumsValues && !total)) return undefined;
  const inRegisters = shape.requantization && shape.rows === 1;
  if (inRegisters && !placeActivations(shape, sums as Register[][])) return undefined;
  const registers = { sums: sums as Register[][], weight, pixel, carry, extension, counter };
  return { ...registers, total: total && [total[0], total[1]] };
}

/** Leave addresses in X. */
export interface DenseAddresses {
  readonly setRow: () => void;
  /** Of the activations; not for the logits. */
  readonly setOutput: () => void;
}

/**
 * One row of input for all units: each input value is loaded once for the units of a tile. The operand `i` says how many
 * rows came before, if there are several. False if the registers do not suffice.
 */
export function emitDense(
  frame: StepFrame,
  shape: DenseShape,
  tiles: readonly DenseTile[],
  tables: DenseTables,
  addresses: DenseAddresses,
): boolean {
  const { assembly, scratch } = frame;
  const placed = tiles.map((tile) => placeDense(shape, tile));
  if (placed.includes(undefined)) return false;
  const iteration = shape.rows > 1 ? scratch.take(1) : '';
  const runs = tileRuns(tiles.map(({ units }) => units));
  const free = freeRegisters(shape, placed as DenseRegisters[]);
  const rowTotal = sumsRowFirst(shape, tiles[0]) ? placePair(free, scratch) : undefined;
  const tileCounter = placeCounter(
    runs.some(({ count }) => count > 1),
    free,
    scratch,
  );
  const planeCounter = shape.planes > 1 ? scratch.take(1) : '';
  setPointers(frame, shape, tiles, tables, iteration, addresses);
  if (rowTotal !== undefined) emitRowTotal(assembly, shape, tiles[0], planeCounter, rowTotal);
  for (const { units, count } of runs) {
    const tile = tiles.find((candidate) => candidate.units === units) as DenseTile;
    const registers = placed[tiles.indexOf(tile)] as DenseRegisters;
    assembly.repeat(tileCounter, count, registers.pixel, () => {
      emitTile(assembly, shape, tile, registers, { planeCounter, rowTotal });
    });
  }
  if (shape.rows > 1) emitEnd(assembly, shape, tables, iteration, addresses);
  return true;
}

/** Of no use to any tile, as long as sums are in RAM afterwards: those that become activations at once need all. */
function freeRegisters({ rows }: DenseShape, placed: readonly DenseRegisters[]): RegisterPool {
  const used = new Set(
    placed.flatMap(({ sums, weight, pixel, carry, counter, extension, total }) => {
      return [...sums.flat(), weight, pixel, carry, counter, ...(total ?? []), extension];
    }),
  );
  const all = rows > 1 ? Array.from({ length: 24 }, (_, index) => index + 2) : [];
  return new RegisterPool(all.filter((register) => !used.has(register)));
}

function placePair(free: RegisterPool, scratch: Scratch): PairPlace {
  const [low, high] = free.takeLow(2) ?? [];
  return high === undefined ? { address: scratch.take(2) } : { registers: [low, high] };
}

function placeCounter(wanted: boolean, free: RegisterPool, scratch: Scratch): Counter | undefined {
  if (!wanted) return undefined;
  const register = free.take();
  return register === undefined ? { address: scratch.take(1) } : { register };
}

/**
 * X at the row, Y at the sums (or at the activations, if sums never are in RAM), Z at the weights of this row. The T flag tells rows behind the
 * first.
 */
function setPointers(
  { assembly, operand }: StepFrame,
  shape: DenseShape,
  tiles: readonly DenseTile[],
  { weights }: DenseTables,
  iteration: string,
  { setRow, setOutput }: DenseAddresses,
): void {
  const { emit } = assembly;
  const writesActivations = shape.requantization && shape.rows === 1;
  if (shape.rows > 1) emit('sts', iteration, r(registerOf(operand('i'))));
  if (writesActivations) {
    setOutput();
    copy(assembly, [Y, Y + 1], [X, X + 1]);
  } else loadImmediatePair(assembly, Y, shape.sums);
  setRow();
  loadImmediatePair(assembly, Z, weights);
  if (shape.rows === 1) return;
  const rowBytes = tiles.reduce((sum, tile) => sum + tileBytes(shape, tile), 0);
  const biasBytes = shape.bias.bytes * shape.units;
  addRowOffset(assembly, iteration, rowBytes);
  // The first row's weights are preceded by the biases.
  const first = assembly.newLabel('first');
  emit('clt');
  emit('cpi', 'r20', 0);
  emit('breq', first);
  assembly.spend(({ i }) => (i === 0 ? 1 : 0));
  assembly.sometimes(
    ({ i }) => (i === 0 ? 0 : 1),
    () => {
      emit('set');
      addToPair(assembly, Z, biasBytes);
    },
  );
  assembly.label(first);
}

/** `Z += iteration · rowBytes`; leaves the iteration in r20. */
export function addRowOffset({ emit }: Assembly, iteration: string, rowBytes: number): void {
  emit('lds', 'r20', iteration);
  emit('ldi', 'r21', rowBytes & 0xff);
  emit('mul', 'r20', 'r21');
  emit('add', r(Z), r(PRODUCT_LOW));
  emit('adc', r(Z + 1), r(PRODUCT_HIGH));
  emit('ldi', 'r21', rowBytes >> 8);
  emit('mul', 'r20', 'r21');
  emit('add', r(Z + 1), r(PRODUCT_LOW));
}

interface TileVariables {
  /** Its address. */
  readonly planeCounter: string;
  /** Where `offset · Σx` of the row is, if that is summed before all tiles. */
  readonly rowTotal?: PairPlace;
}

function emitTile(
  assembly: Assembly,
  shape: DenseShape,
  tile: DenseTile,
  registers: DenseRegisters,
  { planeCounter, rowTotal }: TileVariables,
): void {
  const { emit } = assembly;
  const { extension, total } = registers;
  loadSums(assembly, shape, registers.sums, [registers.weight, registers.pixel]);
  if (rowTotal !== undefined) subtractRowTotal(assembly, registers.sums, rowTotal, [registers.weight, registers.pixel]);
  const unsigned = tile.encoding.offset > 0;
  if (unsigned && extension !== undefined) emit('clr', r(extension));
  for (const byte of total ?? []) emit('clr', r(byte));
  assembly.phase('compute', () => {
    emitValues(assembly, shape, tile, registers, planeCounter, (unit, weight) => {
      multiplyAccumulate(assembly, registers.sums[unit], weight, registers.pixel, extension, !unsigned);
    });
    if (total && extension !== undefined)
      subtractTotal(assembly, registers.sums, total, extension, tile.encoding.offset);
  });
  if (shape.rows > 1) return storeSums(assembly, shape, registers.sums);
  if (shape.requantization) return storeActivations(assembly, shape, registers.sums);
  storeLogits(assembly, registers.sums, registers.pixel);
}

/** After the last row: logits get their signs, other sums become activations. */
export function emitEnd(
  assembly: Assembly,
  shape: DenseShape,
  { multipliers }: Pick<DenseTables, 'multipliers'>,
  iteration: string,
  { setOutput }: DenseAddresses,
): void {
  const { emit } = assembly;
  const [end, last] = [assembly.newLabel('end'), assembly.newLabel('last')];
  const isLast = ({ i }: Readonly<Record<string, number>>): number => (i === shape.rows - 1 ? 1 : 0);
  emit('lds', 'r24', iteration);
  emit('cpi', 'r24', shape.rows - 1);
  emit('breq', last);
  assembly.spend(isLast);
  assembly.sometimes(
    (environment) => 1 - isLast(environment),
    () => emit('rjmp', end),
  );
  assembly.label(last);
  assembly.sometimes(isLast, () => {
    if (shape.requantization) requantizeSums(assembly, shape, multipliers, setOutput);
    else extendSums(assembly, shape);
  });
  assembly.label(end);
}
