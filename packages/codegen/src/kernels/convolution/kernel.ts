import { orbitSize } from '@sparrow/model';
import type { Assembly, Environment } from '../../assembly/assembly.ts';
import { addToPair, addVariable, copy, loadImmediatePair, spread, loadPair, storePair } from '../../assembly/idioms.ts';
import { PRODUCT_HIGH, PRODUCT_LOW, r, type Register, X, Z } from '../../assembly/registers.ts';
import { loadBias } from '../../biases.ts';
import type { StepFrame } from '../../context.ts';
import { emitGroups, needsCounter, roundsOf } from '../groups.ts';
import { emitBySign, multiplyUnsigned, type SignCounts } from '../../encodings/by-sign.ts';
import { advanceChannel, setChannel } from './channel.ts';
import { clippedRows, whenClipped } from './clipping.ts';
import { CORRECTION_BYTES, emitCorrections } from './correction.ts';
import { enterJoinedRows, emitJoinedRow } from './joined-rows.ts';
import { multiplyTaps } from './multiply-taps.ts';
import { orbitBytes } from './orbits.ts';
import { emitOutputs, storePlace } from './outputs.ts';
import { setPhase } from './phase.ts';
import { type ConvolutionShape, type DenseLayout, isDense, runBytes, type SparseRuns } from './shape.ts';
import { emitRun, passRuns } from './sparse-run.ts';
import { emitTaps, type TapGeometry } from './taps.ts';
import { channelsAtATime, placeTile, type Tile, type TileChoice } from './tile.ts';
import { firstTile, nextTile, tileLoop } from './tile-steps.ts';
import { emitTiles } from './tiles.ts';
import { emitUnfold, type OrbitVariables, withUnfolded } from './unfold.ts';
import { offsetOf, placeVariables, skippedBytes, storeOperands, type Variables } from './variables.ts';
import { setRowsEnd, walkRows } from './window-rows.ts';

/** Filters in flash. */
export interface FilterTable {
  readonly table: string;
  /** Behind each group of filters that are computed at a time, or that share their bytes, from the table's start. */
  readonly ends: readonly number[];
  /** Of a sparse layer. */
  readonly runs?: SparseRuns;
  /** Of a layer whose filters are a single row of taps. */
  readonly signs?: SignCounts;
}

/**
 * A register tile: `pixels` output pixels side by side stay in registers while the window's taps pass by. Each weight is
 * loaded once for all of them, each input pixel once for all taps of its row. Tile by tile, and in each filter by filter.
 * `setWindow` opens the window and leaves the output row's address in X. False if the registers do not suffice.
 */
export function emitConvolution(
  frame: StepFrame,
  shape: ConvolutionShape,
  choice: TileChoice,
  filters: FilterTable,
  setWindow: () => void,
): boolean {
  const { assembly, scratch } = frame;
  const tile = placeTile(shape, choice, scratch);
  if (!tile) return false;
  const variables = { ...placeVariables(frame, shape, tile), runs: filters.runs, signs: filters.signs };
  const { registers } = tile;
  assembly.phase('borders', () => storeOperands(frame, shape, tile, variables));
  assembly.phase('borders', setWindow);
  if (variables.tileRow !== undefined) storePair(assembly, variables.tileRow, X);
  if (variables.corrections === undefined) storePlace(assembly, registers.row, X);
  if (variables.orbit) {
    emitOrbits(assembly, shape, tile, variables, variables.orbit, filters);
    return true;
  }
  setPhase(assembly, tile, variables);
  emitTiles(
    assembly,
    tileLoop(tile, variables),
    () => emitTile(assembly, shape, tile, variables, filters),
    (back) => nextTile(assembly, shape, tile, variables, back),
  );
  return true;
}

/** All filters of one tile. */
function emitTile(
  assembly: Assembly,
  shape: ConvolutionShape,
  tile: Tile,
  variables: Variables,
  { table, ends }: FilterTable,
): void {
  const { registers, unrolled } = tile;
  const { corrections, inside, tileRow } = variables;
  if (corrections !== undefined) {
    const walk = { inside, clipped: clippedRows(shape), unrolled };
    emitCorrections(assembly, shape, tile.pixels, offsetOf(tile), { table: corrections, ...walk });
    loadPair(assembly, X, tileRow as string);
    storePlace(assembly, registers.row, X);
  }
  loadImmediatePair(assembly, Z, table);
  if (shape.depthwise) setChannel(assembly, tile);
  if (registers.lasting) setConstants(assembly, shape, tile, variables);
  const filter = (): void => {
    if (!registers.lasting) setConstants(assembly, shape, tile, variables);
    emitFilter(assembly, shape, tile, variables);
    if (ends.length > 1) {
      storePlace(assembly, registers.row, X);
      if (shape.depthwise) advanceChannel(assembly, tile, shape.channelStride);
    }
  };
  if (ends.length === 1) filter();
  else assembly.loop(ends.length, () => compareWithEnd(assembly, table, ends, registers.high), filter);
}

/**
 * Filters that are transforms of each other: for all tiles of the row one filter, whose weights are unfolded once. Those of an orbit begin at the
 * same place in flash.
 */
function emitOrbits(
  assembly: Assembly,
  shape: ConvolutionShape,
  tile: Tile,
  variables: Variables,
  orbit: OrbitVariables,
  { table, ends }: FilterTable,
): void {
  const { high } = tile.registers;
  const [bytes] = ends;
  const filter = (): void => {
    assembly.phase('compute', () => emitUnfold(assembly, orbit));
    setPhase(assembly, tile, variables);
    emitTiles(
      assembly,
      tileLoop(tile, variables),
      () => emitFilter(assembly, shape, tile, variables),
      (back) => {
        nextTile(assembly, shape, tile, variables, back);
        addToPair(assembly, Z, orbitBytes(orbit.orbits) - bytes);
      },
    );
    firstTile(assembly, shape, tile, variables);
    addToPair(assembly, Z, -bytes);
  };
  loadImmediatePair(assembly, Z, table);
  const filters = (): void => {
    const { filtersLeft } = orbit;
    const size = orbitSize(orbit.orbits.layer);
    assembly.repeat({ address: filtersLeft }, size, high, filter);
    addToPair(assembly, Z, bytes);
  };
  if (ends.length === 1) filters();
  else assembly.loop(ends.length, () => compareWithEnd(assembly, table, ends, high), filters);
}

/** One filter, or those that are computed at a time, of one tile; Z is at the biases, and is left behind the multipliers. */
function emitFilter(assembly: Assembly, shape: ConvolutionShape, tile: Tile, variables: Variables): void {
  const { others } = shape;
  const pass = (bytes: number): void => assembly.phase('calls', () => addToPair(assembly, Z, bytes * tile.filters));
  pass(others.beforeBias);
  emitSums(assembly, shape, tile, variables);
  pass(others.behindBias);
  const rows = (): void => emitRows(assembly, shape, tile, variables);
  if (variables.orbit) withUnfolded(assembly, variables.orbit, rows);
  else rows();
  pass(others.beforeMultiplier);
  emitOutputs(assembly, shape, tile, variables);
  pass(others.behindMultiplier);
}

/** The zero flag tells whether Z is behind the last filter. */
function compareWithEnd({ emit }: Assembly, table: string, ends: readonly number[], scratch: Register): void {
  const end = ends[ends.length - 1];
  emit('cpi', r(Z), `lo8(${table} + ${end})`);
  // The low byte alone tells, if no other filter ends a multiple of 256 bytes before.
  if (ends.slice(0, -1).every((other) => (end - other) % 256 !== 0)) return;
  emit('ldi', r(scratch), `hi8(${table} + ${end})`);
  emit('cpc', r(Z + 1), r(scratch));
}

/** The rows of the window. */
function emitRows(assembly: Assembly, shape: ConvolutionShape, tile: Tile, variables: Variables): void {
  const { registers, unrolled } = tile;
  const { above, below, inside, rowsAbove, rowsBelow } = variables;
  const whenRowsClip = (body: () => void): void =>
    assembly.phase('borders', () => whenClipped(assembly, shape.kernelHeight, body));
  const addBytes = (address?: string): void => {
    if (address === undefined || !isDense(tile)) return;
    whenRowsClip(() => addVariable(assembly, Z, address, skippedBytes(shape, tile)));
  };
  const passRows = (address: string | undefined, rows: (environment: Environment) => number): void => {
    if (address === undefined) return;
    whenRowsClip(() => passRuns(assembly, tile, address, rows));
  };
  addBytes(above);
  passRows(rowsAbove, ({ skip }) => skip);
  if (isDense(tile) && tile.joined) assembly.phase('compute', () => enterJoinedRows(assembly, shape, tile));
  assembly.phase('compute', () =>
    walkRows(assembly, {
      rows: shape.kernelHeight,
      unrolled,
      pixelPointer: tile.pixelPointer,
      windowPointer: tile.windowPointer,
      taps: registers.taps,
      end: registers.rowsEnd,
      channel: registers.channel,
      high: registers.high,
      spare: spareRegisters(tile),
      inside,
      clipped: clippedRows(shape),
      skipRow: () => isDense(tile) && addToPair(assembly, Z, runBytes(shape, tile)),
      body: (row) => emitRow(assembly, shape, tile, variables, row),
    }),
  );
  addBytes(below);
  passRows(rowsBelow, ({ skip, taps }) => shape.kernelHeight - skip - taps);
}

/** One row of taps, with the pixel pointer at its first pixel. */
function emitRow(assembly: Assembly, shape: ConvolutionShape, tile: Tile, variables: Variables, row: number): void {
  if (!isDense(tile)) return emitRun(assembly, shape, tile, variables.runs as SparseRuns);
  if (tile.bySign) return emitChannelsBySign(assembly, shape, tile, variables.signs as SignCounts);
  if (tile.joined) return emitJoinedRow(assembly, shape, tile, row);
  emitChannels(assembly, shape, tile);
}

/** Two registers that hold nothing between rows of a loop, a pair for `movw` if possible. */
function spareRegisters({ registers: { weights, pixel, carry } }: Tile): Register[] {
  const free = [...new Set([...weights, pixel, carry])].sort((a, b) => a - b);
  const low = free.find((register) => register % 2 === 0 && free.includes(register + 1));
  return low === undefined ? free.slice(0, 2) : [low, low + 1];
}

/** All sums start as the bias, less what unsigned weights will add too much. */
function emitSums(assembly: Assembly, shape: ConvolutionShape, tile: Tile, { corrections }: Variables): void {
  const { emit } = assembly;
  const { sums, extension, weights, pixel } = tile.registers;
  const unsigned = offsetOf(tile) > 0 || tile.bySign;
  for (const filterSums of sums) {
    if (corrections !== undefined) addBias(assembly, tile, filterSums, corrections);
    else {
      const bias = filterSums[filterSums.length - 1];
      loadBias(assembly, shape.bias, bias, [weights[0], pixel]);
      spread(assembly, new Map(filterSums.flatMap((sum) => sum.map((byte, index) => [byte, index]))), bias);
    }
  }
  if (unsigned && extension !== undefined) emit('clr', r(extension));
}

/** What a sparse layer's rows need, and leave as it is. */
function setConstants(assembly: Assembly, shape: ConvolutionShape, tile: Tile, { inside }: Variables): void {
  const { zero, rowsEnd, high } = tile.registers;
  if (zero !== undefined) assembly.emit('clr', r(zero));
  if (rowsEnd !== undefined) {
    assembly.phase('borders', () => setRowsEnd(assembly, rowsEnd, shape.kernelHeight, inside, high));
  }
}

/** `sums = bias + corrections`; the bias is in registers that nobody needs yet. */
function addBias(
  { emit }: Assembly,
  { registers: { weights, pixel, carry, extension, sums: all } }: Tile,
  sums: readonly (readonly Register[])[],
  corrections: string,
): void {
  const free = [...new Set([...weights, pixel, carry, extension as Register, ...BORROWED])];
  const bias = free.filter((register) => !all.flat(2).includes(register)).slice(0, sums[0].length);
  for (const byte of bias) emit('lpm', r(byte), 'Z+');
  sums.forEach((sum, pixelIndex) => {
    sum.forEach((byte, index) => emit('lds', r(byte), `${corrections} + ${pixelIndex * CORRECTION_BYTES + index}`));
    sum.forEach((byte, index) => emit(index === 0 ? 'add' : 'adc', r(byte), r(bias[index])));
  });
}

/** Hold products, later. */
const BORROWED: readonly Register[] = [PRODUCT_LOW, PRODUCT_HIGH];

/** One row of taps, channel by channel. */
function emitChannels(assembly: Assembly, shape: ConvolutionShape, tile: Tile & DenseLayout): void {
  const { registers, encoding, filters, pixels, pixelPointer, displaced } = tile;
  const { kernelWidth, stride, columnStride, channelStride, channels } = shape;
  const groups = { encoding, groups: channels, groupSize: filters * kernelWidth, unrolled: tile.channelsUnrolled };
  const loops = needsCounter(groups);
  const together = channelsAtATime(shape, tile);
  const geometryOf = (group: number, isLast: boolean): TapGeometry => {
    const geometry = { pixels, kernelWidth, stride, columnStride, pixelPointer };
    const written = 'written' in registers.channel;
    if (!displaced) return { ...geometry, step: channels > 1 || written ? channelStride : undefined };
    const displacement = group * channelStride;
    const moves = written || (loops && isLast);
    return { ...geometry, displacement, step: moves ? together * channelStride : undefined };
  };
  emitGroups(assembly, {
    ...groups,
    carry: registers.carry,
    counter: registers.channels,
    scratch: registers.high,
    weights: registers.weights,
    enter: (missing) => displaced && addToPair(assembly, pixelPointer, -missing * channelStride),
    body: (group, isLast, weights) => multiplyTaps(assembly, tile, geometryOf(group, isLast), weights),
  });
}

/** The same for a pointwise filter, whose weights are added or subtracted. */
function emitChannelsBySign(
  assembly: Assembly,
  shape: ConvolutionShape,
  tile: Tile & DenseLayout,
  counts: SignCounts,
): void {
  const { registers, encoding, pixels, pixelPointer, displaced } = tile;
  const { stride, columnStride, channelStride, channels } = shape;
  const { weights, pixel, sums, extension, carry } = registers;
  const groups = { encoding, groups: channels, groupSize: 1, unrolled: tile.channelsUnrolled };
  const { bytePhases, phases, rounds, entry } = roundsOf(groups);
  const geometry = { pixels, kernelWidth: 1, stride, columnStride, pixelPointer };
  if (rounds > 1) assembly.setCounter(registers.channels, rounds, registers.high);
  if (entry % bytePhases !== 0) encoding.enter(assembly, entry % bytePhases, 1, carry);
  if (entry > 0 && displaced) addToPair(assembly, pixelPointer, -entry * channelStride);
  emitBySign(assembly, {
    weight: weights[0],
    counter: rounds > 1 ? registers.channels : undefined,
    rounds,
    perRound: phases,
    entry,
    counts,
    load: (index) => copy(assembly, weights, encoding.load(assembly, index % bytePhases, weights, carry)),
    multiply: (sign, index) => {
      const walk = displaced ? { displacement: index * channelStride } : { step: channelStride };
      emitTaps(assembly, { ...geometry, ...walk }, pixel, (position) => {
        multiplyUnsigned(assembly, sign, sums[0][position / stride], weights[0], pixel, extension as Register);
      });
    },
    endRound: () => displaced && rounds > 1 && addToPair(assembly, pixelPointer, phases * channelStride),
  });
}
