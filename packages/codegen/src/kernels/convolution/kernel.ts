import type { Assembly, Counter } from '../../assembly/assembly.ts';
import { addToPair, copy, loadImmediatePair, loadPair, multiplyAdd, storePair } from '../../assembly/idioms.ts';
import { r, type Register, X, Z } from '../../assembly/registers.ts';
import type { OperandValue, StepFrame } from '../../context.ts';
import { emitGroups } from '../groups.ts';
import { multiplyAccumulate } from '../multiply-accumulate.ts';
import { CORRECTION_BYTES, emitCorrections } from './correction.ts';
import { emitOutputs, emitPooling, type OutputVariables, storePlace } from './outputs.ts';
import { type ConvolutionShape, filterBytes, outputColumns, runBytes } from './shape.ts';
import { emitTaps } from './taps.ts';
import { placeTile, type Tile, type TileChoice } from './tile.ts';
import { emitTiles } from './tiles.ts';
import { walkRows } from './window-rows.ts';

/** Names of what a convolution's step has in RAM; those that it does not need are undefined. */
interface Variables extends OutputVariables {
  /** Rows of taps inside of the image, or a bit for each in an unrolled kernel. */
  readonly inside?: string;
  /** Bytes of weights for rows of taps above and below the image. */
  readonly above?: string;
  readonly below?: string;
  readonly filtersLeft: Counter;
  /** Table of corrections of unsigned weights, and the tile's place in it. */
  readonly corrections?: string;
  readonly correction?: string;
}

/**
 * A register tile: `pixels` output pixels side by side stay in registers while the window's taps pass by. Each weight is
 * loaded once for all of them, each input pixel once for all taps of its row. `setWindow` opens the window and leaves the
 * output row's address in X. False if the registers do not suffice.
 */
export function emitConvolution(
  frame: StepFrame,
  shape: ConvolutionShape,
  choice: TileChoice,
  table: string,
  setWindow: () => void,
): boolean {
  const { assembly, scratch } = frame;
  const tile = placeTile(shape, choice, scratch);
  if (!tile) return false;
  const variables = placeVariables(frame, shape, tile);
  assembly.phase('borders', () => storeOperands(frame, shape, tile, variables));
  assembly.phase('borders', setWindow);
  storeOutputRow(assembly, tile, variables);
  if (variables.corrections !== undefined) {
    const target = { table: variables.corrections, inside: variables.inside };
    emitCorrections(assembly, shape, choice.encoding.offset, target, scratch);
    restoreOutputRow(assembly, tile, variables);
  }
  loadImmediatePair(assembly, Z, table);
  if (shape.depthwise) setColumn(assembly, tile);
  assembly.repeat(variables.filtersLeft, shape.filters / tile.filters, tile.registers.high, () => {
    emitFilter(assembly, shape, tile, variables);
  });
  return true;
}

const poolsInRam = ({ pool }: ConvolutionShape, { poolsInRegisters }: Tile): boolean => !!pool && !poolsInRegisters;

function placeVariables({ scratch }: StepFrame, shape: ConvolutionShape, tile: Tile): Variables {
  const { clips, pool, columns } = shape;
  const inRam = poolsInRam(shape, tile);
  const corrected = tile.encoding.offset > 0;
  const take = (wanted: boolean, bytes: number): string => (wanted ? scratch.take(bytes) : '');
  return {
    filtersLeft: { address: take(shape.filters > tile.filters, 1) },
    inside: clips ? scratch.take(1) : undefined,
    above: clips && !tile.unrolled ? scratch.take(2) : undefined,
    below: clips && !tile.unrolled ? scratch.take(2) : undefined,
    mask: take((pool?.height ?? 1) > 1, 1),
    unpooled: take(inRam, columns),
    pooledRow: take(inRam || corrected, 2),
    corrections: corrected ? scratch.take(CORRECTION_BYTES * columns) : undefined,
    correction: corrected ? scratch.take(2) : undefined,
  };
}

/** Puts what kernels read while operands are forgotten into RAM. */
function storeOperands(frame: StepFrame, shape: ConvolutionShape, tile: Tile, variables: Variables): void {
  const { assembly, operand } = frame;
  const { emit } = assembly;
  const { inside, above, below, mask } = variables;
  if (mask !== '') emit('sts', mask, r(inRegister(assembly, operand('mask'), 24)));
  if (inside === undefined) return;
  if (tile.unrolled) return emit('sts', inside, r(inRegister(assembly, operand('inside'), 24)));
  const [skip, taps, rest] = [24, 25, 23];
  copy(assembly, [skip], [inRegister(assembly, operand('skip'), skip)]);
  copy(assembly, [taps], [inRegister(assembly, operand('taps'), taps)]);
  emit('sts', inside, r(taps));
  const bytes = runBytes(shape, tile);
  multiplyAdd(assembly, X, '0', skip, bytes, 22);
  storePair(assembly, above as string, X);
  emit('ldi', r(rest), shape.kernelHeight);
  emit('sub', r(rest), r(skip));
  emit('sub', r(rest), r(taps));
  multiplyAdd(assembly, X, '0', rest, bytes, 22);
  storePair(assembly, below as string, X);
}

/** The register that an operand is in; a constant goes to `register`. */
export function inRegister({ emit }: Pick<Assembly, 'emit'>, value: OperandValue, register: Register): Register {
  if ('register' in value) return value.register;
  emit('ldi', r(register), value.constant);
  return register;
}

function storeOutputRow(assembly: Assembly, tile: Tile, { pooledRow }: Variables): void {
  if (pooledRow !== '') storePair(assembly, pooledRow, X);
  else storePlace(assembly, tile.registers.row, X);
}

/** Corrections used all registers. */
function restoreOutputRow(assembly: Assembly, tile: Tile, { pooledRow }: Variables): void {
  loadPair(assembly, X, pooledRow);
  storePlace(assembly, tile.registers.row, X);
}

function setColumn(assembly: Assembly, { registers: { column, high } }: Tile): void {
  const { emit } = assembly;
  if ('registers' in column) for (const byte of column.registers) emit('ldi', r(byte), 0);
  if (!('address' in column)) return;
  emit('ldi', r(high), 0);
  for (let byte = 0; byte < column.bytes; byte++) emit('sts', `${column.address} + ${byte}`, r(high));
}

/** One row of all filters that are computed at a time; Z moves on to the next ones. */
function emitFilter(assembly: Assembly, shape: ConvolutionShape, tile: Tile, variables: Variables): void {
  const { registers, overlap, tiles } = tile;
  const inRam = poolsInRam(shape, tile);
  if (inRam) {
    loadImmediatePair(assembly, X, variables.unpooled);
    storePlace(assembly, registers.row, X);
  }
  if (!shape.depthwise && tiles > 1) setColumn(assembly, tile);
  if (variables.correction !== undefined) {
    loadImmediatePair(assembly, X, variables.corrections as string);
    storePair(assembly, variables.correction, X);
  }
  const loop = { counter: registers.tiles, tiles, overlap, scratch: registers.high };
  emitTiles(
    assembly,
    loop,
    () => emitTile(assembly, shape, tile, variables),
    (back) => nextTile(assembly, shape, tile, variables, back),
  );
  if (inRam) return nextFilterOfPool(assembly, shape, tile, variables);
  addToPair(assembly, X, shape.outputStride - outputColumns(shape));
  storePlace(assembly, registers.row, X);
  nextChannel(assembly, shape, tile);
}

function nextFilterOfPool(assembly: Assembly, shape: ConvolutionShape, tile: Tile, variables: Variables): void {
  nextChannel(assembly, shape, tile);
  assembly.phase('compute', () => emitPooling(assembly, shape, tile, variables));
}

/** A depthwise filter reads the next channel. */
function nextChannel(assembly: Assembly, shape: ConvolutionShape, tile: Tile): void {
  const { depthwise, columns, stride, columnStride, channelStride } = shape;
  if (!depthwise) return;
  const lastTile = (columns - tile.pixels) * stride * columnStride;
  advanceColumn(assembly, tile, channelStride - lastTile);
}

/** `column += bytes` */
function advanceColumn(assembly: Assembly, { registers: { column, high } }: Tile, bytes: number): void {
  const { emit } = assembly;
  if (bytes === 0 || 'nowhere' in column) return;
  const step = (register: Register, byte: number): void =>
    emit(byte === 0 ? 'subi' : 'sbci', r(register), `${byte === 0 ? 'lo8' : 'hi8'}(${-bytes})`);
  if ('registers' in column) return column.registers.forEach(step);
  for (let byte = 0; byte < column.bytes; byte++) {
    emit('lds', r(high), `${column.address} + ${byte}`);
    step(high, byte);
    emit('sts', `${column.address} + ${byte}`, r(high));
  }
}

/** Z points at the filters behind a tile, X behind its outputs. */
function nextTile(assembly: Assembly, shape: ConvolutionShape, tile: Tile, variables: Variables, back: number): void {
  const { stride, columnStride, outputStride, pool } = shape;
  const { registers, pixels, filters, poolsInRegisters } = tile;
  const outputsBack = poolsInRegisters && pool ? back / pool.width : back;
  addToPair(assembly, X, -(filters - 1) * outputStride - outputsBack);
  storePlace(assembly, registers.row, X);
  advanceColumn(assembly, tile, (pixels - back) * stride * columnStride);
  addToPair(assembly, Z, -filterBytes(shape, tile));
  if (variables.correction === undefined || back === 0) return;
  loadPair(assembly, X, variables.correction);
  addToPair(assembly, X, -CORRECTION_BYTES * back);
  storePair(assembly, variables.correction, X);
}

function emitTile(assembly: Assembly, shape: ConvolutionShape, tile: Tile, variables: Variables): void {
  const { registers, unrolled } = tile;
  const { above, below, inside } = variables;
  emitSums(assembly, tile, variables);
  const addBytes = (address?: string): void => {
    if (address !== undefined) assembly.phase('borders', () => addWord(assembly, Z, address));
  };
  addBytes(above);
  assembly.phase('compute', () =>
    walkRows(assembly, {
      rows: shape.kernelHeight,
      unrolled,
      pixelPointer: tile.pixelPointer,
      windowPointer: tile.windowPointer,
      taps: registers.taps,
      column: registers.column,
      high: registers.high,
      spare: spareRegisters(tile),
      inside,
      skipRow: () => addToPair(assembly, Z, runBytes(shape, tile)),
      body: () => emitChannels(assembly, shape, tile),
    }),
  );
  addBytes(below);
  emitOutputs(assembly, shape, tile, variables);
}

/** Two registers that hold nothing between rows, a pair for `movw` if possible. */
function spareRegisters({ registers: { weights, pixel, carry } }: Tile): Register[] {
  const free = [...new Set([...weights, pixel, carry])].sort((a, b) => a - b);
  const low = free.find((register) => register % 2 === 0 && free.includes(register + 1));
  return low === undefined ? free.slice(0, 2) : [low, low + 1];
}

function addWord({ emit }: Assembly, pair: Register, address: string): void {
  emit('lds', 'r0', address);
  emit('add', r(pair), 'r0');
  emit('lds', 'r0', `${address} + 1`);
  emit('adc', r(pair + 1), 'r0');
}

/** All sums start as the bias, less what unsigned weights will add too much. */
function emitSums(assembly: Assembly, { registers, encoding }: Tile, { correction }: Variables): void {
  const { emit } = assembly;
  const { extension } = registers;
  if (correction !== undefined) loadPair(assembly, X, correction);
  for (const sums of registers.sums) {
    const bias = sums[sums.length - 1];
    for (const byte of bias) emit('lpm', r(byte), 'Z+');
    for (const sum of sums) {
      copy(assembly, sum, bias);
      if (correction !== undefined) addCorrection(assembly, sum);
    }
  }
  if (correction !== undefined) storePair(assembly, correction, X);
  if (encoding.offset > 0 && extension !== undefined) emit('clr', r(extension));
}

function addCorrection({ emit }: Assembly, sum: readonly Register[]): void {
  sum.forEach((byte, index) => {
    emit('ld', 'r0', 'X+');
    emit(index === 0 ? 'add' : 'adc', r(byte), 'r0');
  });
}

/** One row of taps, channel by channel. */
function emitChannels(assembly: Assembly, shape: ConvolutionShape, tile: Tile): void {
  const { registers, encoding, filters, pixels, pixelPointer, displaced } = tile;
  const { kernelWidth, stride, columnStride, channelStride, channels } = shape;
  const { weights, pixel, sums, extension } = registers;
  const signed = encoding.offset === 0;
  const geometry = {
    ...{ pixels, kernelWidth, stride, columnStride, pixelPointer, displaced },
    channelStride: channels > 1 ? channelStride : undefined,
  };
  const body = (): void =>
    emitTaps(assembly, geometry, pixel, (_, uses) => {
      for (const { output, tap } of uses) {
        for (let filter = 0; filter < filters; filter++) {
          const weight = weights[filter * kernelWidth + tap];
          multiplyAccumulate(assembly, sums[filter][output], weight, pixel, extension, signed);
        }
      }
    });
  emitGroups(assembly, {
    encoding,
    groups: channels,
    groupSize: filters * kernelWidth,
    carry: registers.carry,
    counter: registers.channels,
    scratch: registers.high,
    weights,
    body,
  });
}
