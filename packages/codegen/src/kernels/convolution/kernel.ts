import type { Assembly, Environment } from '../../assembly/assembly.ts';
import { addToPair, copy, loadImmediatePair, loadPair, storePair } from '../../assembly/idioms.ts';
import { r, type Register, X, Z } from '../../assembly/registers.ts';
import type { StepFrame } from '../../context.ts';
import { emitGroups } from '../groups.ts';
import { multiplyAccumulate } from '../multiply-accumulate.ts';
import { advanceColumn, setColumn } from './column.ts';
import { CORRECTION_BYTES, emitCorrections } from './correction.ts';
import { emitOutputs, emitPooling, storePlace } from './outputs.ts';
import {
  type ConvolutionShape,
  type DenseLayout,
  filterBytes,
  isDense,
  outputColumns,
  runBytes,
  type SparseRuns,
} from './shape.ts';
import { emitRun, passRuns } from './sparse-run.ts';
import { emitTaps } from './taps.ts';
import { placeTile, type Tile, type TileChoice } from './tile.ts';
import { emitTiles } from './tiles.ts';
import { offsetOf, placeVariables, poolsInRam, storeOperands, type Variables } from './variables.ts';
import { walkRows } from './window-rows.ts';

/** Filters in flash. */
export interface FilterTable {
  readonly table: string;
  /** Of a sparse layer. */
  readonly runs?: SparseRuns;
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
  { table, runs }: FilterTable,
  setWindow: () => void,
): boolean {
  const { assembly, scratch } = frame;
  const tile = placeTile(shape, choice, scratch);
  if (!tile) return false;
  const variables = { ...placeVariables(frame, shape, tile), runs };
  assembly.phase('borders', () => storeOperands(frame, shape, tile, variables));
  assembly.phase('borders', setWindow);
  storeOutputRow(assembly, tile, variables);
  if (variables.corrections !== undefined) {
    const target = { table: variables.corrections, inside: variables.inside, unrolled: tile.unrolled };
    emitCorrections(assembly, shape, offsetOf(tile), target, scratch);
    restoreOutputRow(assembly, tile, variables);
  }
  loadImmediatePair(assembly, Z, table);
  if (shape.depthwise) setColumn(assembly, tile);
  assembly.repeat(variables.filtersLeft, shape.filters / tile.filters, tile.registers.high, () => {
    emitFilter(assembly, shape, tile, variables);
  });
  return true;
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
  if (variables.filterStart !== undefined) storePair(assembly, variables.filterStart, Z);
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

/** Z points at the filters behind a tile, X behind its outputs. */
function nextTile(assembly: Assembly, shape: ConvolutionShape, tile: Tile, variables: Variables, back: number): void {
  const { stride, columnStride, outputStride, pool } = shape;
  const { registers, pixels, filters, poolsInRegisters } = tile;
  const outputsBack = poolsInRegisters && pool ? back / pool.width : back;
  addToPair(assembly, X, -(filters - 1) * outputStride - outputsBack);
  storePlace(assembly, registers.row, X);
  advanceColumn(assembly, tile, (pixels - back) * stride * columnStride);
  if (isDense(tile)) addToPair(assembly, Z, -filterBytes(shape, tile));
  else loadPair(assembly, Z, variables.filterStart as string);
  if (variables.correction === undefined || back === 0) return;
  loadPair(assembly, X, variables.correction);
  addToPair(assembly, X, -CORRECTION_BYTES * back);
  storePair(assembly, variables.correction, X);
}

function emitTile(assembly: Assembly, shape: ConvolutionShape, tile: Tile, variables: Variables): void {
  const { registers, unrolled } = tile;
  const { above, below, inside, rowsAbove, rowsBelow } = variables;
  emitSums(assembly, tile, variables);
  const addBytes = (address?: string): void => {
    if (address !== undefined) assembly.phase('borders', () => addWord(assembly, Z, address));
  };
  const passRows = (address: string | undefined, rows: (environment: Environment) => number): void => {
    if (address === undefined) return;
    assembly.phase('borders', () => passRuns(assembly, tile, address, rows));
  };
  addBytes(above);
  passRows(rowsAbove, ({ skip }) => skip);
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
      skipRow: () => isDense(tile) && addToPair(assembly, Z, runBytes(shape, tile)),
      body: () =>
        isDense(tile)
          ? emitChannels(assembly, shape, tile)
          : emitRun(assembly, shape, tile, variables.runs as SparseRuns),
    }),
  );
  addBytes(below);
  passRows(rowsBelow, ({ skip, taps }) => shape.kernelHeight - skip - taps);
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
  registers.sums.forEach((sums, filter) => {
    if (correction !== undefined && filter > 0) addToPair(assembly, X, -CORRECTION_BYTES * sums.length);
    const bias = sums[sums.length - 1];
    for (const byte of bias) emit('lpm', r(byte), 'Z+');
    for (const sum of sums) {
      copy(assembly, sum, bias);
      if (correction !== undefined) addCorrection(assembly, sum);
    }
  });
  if (correction !== undefined) storePair(assembly, correction, X);
  if (encoding.kind === 'dense' && encoding.offset > 0 && extension !== undefined) emit('clr', r(extension));
  if (registers.zero !== undefined) emit('clr', r(registers.zero));
}

function addCorrection({ emit }: Assembly, sum: readonly Register[]): void {
  sum.forEach((byte, index) => {
    emit('ld', 'r0', 'X+');
    emit(index === 0 ? 'add' : 'adc', r(byte), 'r0');
  });
}

/** One row of taps, channel by channel. */
function emitChannels(assembly: Assembly, shape: ConvolutionShape, tile: Tile & DenseLayout): void {
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
    unrolled: tile.channelsUnrolled,
    carry: registers.carry,
    counter: registers.channels,
    scratch: registers.high,
    weights,
    body,
  });
}
