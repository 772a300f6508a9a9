import type { Assembly } from '../../assembly/assembly.ts';
import { addToPair, copy, loadImmediatePair } from '../../assembly/idioms.ts';
import { PRODUCT_HIGH, PRODUCT_LOW, r, type Register, RegisterPool, X, Y, Z } from '../../assembly/registers.ts';
import { registerOf, type StepFrame } from '../../context.ts';
import { multiplyAccumulate } from '../multiply-accumulate.ts';
import { type RequantizeRegisters, type RequantizeShape, requantize, requantizeTemporaries } from '../requantize.ts';
import { emitValues } from './values.ts';
import { type DenseShape, type DenseTile, sumBytes, tileBytes, tileRuns } from './shape.ts';

/** Names of the tables in flash. */
export interface DenseTables {
  /** Biases of a tile, its weights for one row, and its multipliers if the input has a single row; then the next tile. */
  readonly weights: string;
  readonly multipliers: string;
}

interface DenseRegisters {
  readonly sums: readonly (readonly Register[])[];
  readonly weight: Register;
  readonly pixel: Register;
  readonly carry: Register;
  readonly extension?: Register;
  readonly counter: Register;
  /** Σx of the row, for unsigned weights; of the offset's correction then. */
  readonly total?: readonly [Register, Register];
}

/** Whether Σx of a row fits the 16 bits that it is summed in. */
export function hasRowTotal({ accumulatorBits, planes, values }: DenseShape): boolean {
  return accumulatorBits === 24 && planes * values * 255 < 65536;
}

function placeDense(shape: DenseShape, { encoding, units }: DenseTile): DenseRegisters | undefined {
  const pool = new RegisterPool(Array.from({ length: 24 }, (_, index) => index + 2));
  const bytes = sumBytes(shape);
  const weight = pool.take(16, 23);
  const pixel = pool.take(16, 23);
  const carry = encoding.needsCarry(1) ? pool.take(16) : pixel;
  const counter = pool.take(16);
  const extension = bytes > 2 ? pool.take() : undefined;
  const total = encoding.offset > 0 ? pool.takeLow(2) : undefined;
  const sums = Array.from({ length: units }, () => pool.takeLow(bytes));
  if (weight === undefined || pixel === undefined || carry === undefined || counter === undefined) return undefined;
  if (sums.includes(undefined) || (encoding.offset > 0 && !total)) return undefined;
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
  const tileCounter = tiles.length > 1 ? scratch.take(1) : '';
  setPointers(frame, shape, tiles, tables, iteration, addresses);
  for (const { units, count } of tileRuns(tiles.map((tile) => tile.units))) {
    const tile = tiles.find((candidate) => candidate.units === units) as DenseTile;
    const registers = placed[tiles.indexOf(tile)] as DenseRegisters;
    assembly.repeat({ address: tileCounter }, count, registers.pixel, () => {
      emitTile(assembly, shape, tile, registers, iteration);
    });
  }
  if (shape.rows > 1) emitEnd(assembly, shape, tables, iteration, addresses);
  return true;
}

/** X at the row, Y at the sums (or at the activations, if sums never are in RAM), Z at the weights of this row. */
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
  const biasBytes = sumBytes(shape) * shape.units;
  emit('lds', 'r20', iteration);
  emit('ldi', 'r21', rowBytes & 0xff);
  emit('mul', 'r20', 'r21');
  emit('add', r(Z), r(PRODUCT_LOW));
  emit('adc', r(Z + 1), r(PRODUCT_HIGH));
  emit('ldi', 'r21', rowBytes >> 8);
  emit('mul', 'r20', 'r21');
  emit('add', r(Z + 1), r(PRODUCT_LOW));
  // The first row's weights are preceded by the biases.
  const first = assembly.newLabel('first');
  emit('cpi', 'r20', 0);
  emit('breq', first);
  assembly.spend(({ i }) => (i === 0 ? 1 : 0));
  assembly.sometimes(
    ({ i }) => (i === 0 ? 0 : 1),
    () => addToPair(assembly, Z, biasBytes),
  );
  assembly.label(first);
}

function emitTile(
  assembly: Assembly,
  shape: DenseShape,
  tile: DenseTile,
  registers: DenseRegisters,
  iteration: string,
): void {
  const { emit } = assembly;
  const { extension, total } = registers;
  loadSums(assembly, shape, registers, iteration);
  const unsigned = tile.encoding.offset > 0;
  if (unsigned && extension !== undefined) emit('clr', r(extension));
  for (const byte of total ?? []) emit('clr', r(byte));
  assembly.phase('compute', () => {
    emitValues(assembly, shape, tile, registers, (unit) => {
      const sum = registers.sums[unit];
      multiplyAccumulate(assembly, sum, registers.weight, registers.pixel, extension, !unsigned);
    });
    if (total && extension !== undefined)
      subtractTotal(assembly, registers.sums, total, extension, tile.encoding.offset);
  });
  if (shape.rows > 1) return storeSums(assembly, shape, registers);
  if (shape.requantization) return storeActivations(assembly, shape, registers);
  storeLogits(assembly, registers);
}

/** From flash in the first row, then from RAM. */
function loadSums(assembly: Assembly, shape: DenseShape, { sums, pixel }: DenseRegisters, iteration: string): void {
  const { emit } = assembly;
  const fromFlash = (): void => {
    for (const byte of sums.flat()) emit('lpm', r(byte), 'Z+');
  };
  if (shape.rows === 1) return fromFlash();
  const [later, end] = [assembly.newLabel('later'), assembly.newLabel('loaded')];
  emit('lds', r(pixel), iteration);
  emit('cpi', r(pixel), 0);
  emit('brne', later);
  assembly.sometimes(
    ({ i }) => (i === 0 ? 1 : 0),
    () => {
      fromFlash();
      emit('rjmp', end);
    },
  );
  assembly.label(later);
  assembly.sometimes(
    ({ i }) => (i === 0 ? 0 : 1),
    () => {
      assembly.spend(1);
      forEachStoredByte(shape, sums, (byte, displacement) => {
        if (byte !== undefined) emit('ldd', r(byte), `Y+${displacement}`);
      });
    },
  );
  assembly.label(end);
}

/** Bytes of the sums as they lie behind Y; undefined those that no register has. */
function forEachStoredByte(
  { storedBytes }: DenseShape,
  sums: readonly (readonly Register[])[],
  visit: (byte: Register | undefined, displacement: number) => void,
): void {
  sums.forEach((sum, unit) => {
    for (let byte = 0; byte < storedBytes; byte++) visit(sum[byte], unit * storedBytes + byte);
  });
}

function storeSums(assembly: Assembly, shape: DenseShape, { sums }: DenseRegisters): void {
  forEachStoredByte(shape, sums, (byte, displacement) => {
    if (byte !== undefined) assembly.emit('std', `Y+${displacement}`, r(byte));
  });
  addToPair(assembly, Y, sums.length * shape.storedBytes);
}

/** `sums −= offset · total` at 24 bits. `extension` is 0. */
function subtractTotal(
  { emit }: Assembly,
  sums: readonly (readonly Register[])[],
  [low, high]: readonly [Register, Register],
  extension: Register,
  offset: number,
): void {
  emit('ldi', 'r23', offset);
  emit('mul', r(high), 'r23');
  emit('mov', r(high), r(PRODUCT_LOW));
  emit('mov', r(extension), r(PRODUCT_HIGH));
  emit('mul', r(low), 'r23');
  emit('mov', r(low), r(PRODUCT_LOW));
  emit('clr', 'r0');
  emit('add', r(high), r(PRODUCT_HIGH));
  emit('adc', r(extension), 'r0');
  for (const sum of sums) {
    emit('sub', r(sum[0]), r(low));
    emit('sbc', r(sum[1]), r(high));
    emit('sbc', r(sum[2]), r(extension));
  }
}

/** Four bytes each, sign extended. */
function storeLogits(assembly: Assembly, { sums, pixel }: DenseRegisters): void {
  const { emit } = assembly;
  for (const sum of sums) {
    for (const byte of sum) emit('st', 'Y+', r(byte));
    if (sum.length < 4) signOf(assembly, pixel, sum[sum.length - 1]);
    for (let byte = sum.length; byte < 4; byte++) emit('st', 'Y+', r(pixel));
  }
}

/** 0 or −1; `to` from r16 up. */
function signOf({ emit }: Assembly, to: Register, top: Register): void {
  emit('ldi', r(to), 0);
  emit('sbrc', r(top), 7);
  emit('ldi', r(to), 255);
}

function requantizeShapeOf({ requantization, range }: DenseShape): RequantizeShape {
  const multipliers = requantization?.multipliers ?? Uint16Array.of(0);
  return {
    range,
    largestMultiplier: multipliers.reduce((a, b) => Math.max(a, b), 0),
    shift: requantization?.shift ?? 0,
  };
}

/** Registers for requantisation besides the sums, with Y at the activations. */
function placeActivations(shape: DenseShape, sums: readonly (readonly Register[])[]): RequantizeRegisters | undefined {
  const pool = new RegisterPool(
    Array.from({ length: 24 }, (_, index) => index + 2).filter((register) => !sums.flat().includes(register)),
  );
  const result = pool.take(16);
  const others = pool.takeLow(shape.multiplierBytes + requantizeTemporaries(requantizeShapeOf(shape)));
  if (result === undefined || !others) return undefined;
  return { result, multiplier: others.splice(0, shape.multiplierBytes), temporaries: others };
}

/** The input has one row: sums are complete. Multipliers follow the weights. */
function storeActivations(assembly: Assembly, shape: DenseShape, { sums }: DenseRegisters): void {
  const { emit } = assembly;
  const registers = placeActivations(shape, sums) as RequantizeRegisters;
  assembly.phase('requantisation', () => {
    for (const sum of sums) {
      for (const byte of registers.multiplier) emit('lpm', r(byte), 'Z+');
      requantize(assembly, requantizeShapeOf(shape), sum, registers);
      emit('st', 'Y+', r(registers.result));
      addToPair(assembly, Y, shape.outputStride - 1);
    }
  });
}

/** After the last row: logits get their signs, other sums become activations. */
function emitEnd(
  assembly: Assembly,
  shape: DenseShape,
  { multipliers }: DenseTables,
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

function extendSums(assembly: Assembly, shape: DenseShape): void {
  const { emit } = assembly;
  const bytes = sumBytes(shape);
  if (bytes === 4) return;
  loadImmediatePair(assembly, Y, shape.sums);
  assembly.repeat({ register: 24 }, shape.units, 24, () => {
    emit('ldd', 'r25', `Y+${bytes - 1}`);
    signOf(assembly, 23, 25);
    for (let byte = bytes; byte < 4; byte++) emit('std', `Y+${byte}`, 'r23');
    addToPair(assembly, Y, 4);
  });
}

function requantizeSums(assembly: Assembly, shape: DenseShape, multipliers: string, setOutput: () => void): void {
  const { emit } = assembly;
  const requantizeShape = requantizeShapeOf(shape);
  const sum = [2, 3, 4, 5].slice(0, sumBytes(shape));
  const multiplier = [6, 7].slice(0, shape.multiplierBytes);
  const temporaries = [8, 9, 10, 11, 12, 13, 14, 15];
  assembly.phase('requantisation', () => {
    setOutput();
    loadImmediatePair(assembly, Y, shape.sums);
    loadImmediatePair(assembly, Z, multipliers);
    assembly.repeat({ register: 24 }, shape.units, 24, () => {
      sum.forEach((byte, index) => emit('ldd', r(byte), `Y+${index}`));
      addToPair(assembly, Y, shape.storedBytes);
      for (const byte of multiplier) emit('lpm', r(byte), 'Z+');
      requantize(assembly, requantizeShape, sum, { result: 25, multiplier, temporaries });
      emit('st', 'X+', 'r25');
      addToPair(assembly, X, shape.outputStride - 1);
    });
  });
}
