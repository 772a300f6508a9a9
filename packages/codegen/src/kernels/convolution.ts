import type { ConvolutionShape } from '../operators/convolution.ts';
import {
  addToPair,
  type Assembly,
  copy,
  createAssembly,
  printFunction,
  r,
  type Register,
  X,
  Y,
  Z,
} from './assembly.ts';
import { type Counter, countDown, emitGroups, setCounter } from './groups.ts';
import { multiplyAccumulate } from './multiply-accumulate.ts';
import { requantize } from './requantize.ts';
import { type ConvolutionRegisters, spillAddress, type Tile } from './tile.ts';

/**
 * A register tile: `pixels` output pixels side by side stay in registers while the window's taps pass by. Each weight is
 * loaded once for all of them, each input pixel once for all taps of its row.
 */
export function printConvolutionAssembly(shape: ConvolutionShape, tile: Tile): string {
  const assembly = createAssembly(shape.kernelName);
  const { emit } = assembly;
  const { registers, tiles } = tile;
  const start = assembly.newLabel('tile');
  copy(assembly, [Z, Z + 1], [22, 23]);
  saveRow(assembly, registers, 24);
  if (tiles > 1) {
    const zero = registers.column ?? registers.high;
    emit('ldi', r(zero), 0);
    if (registers.column === undefined) emit('sts', spillAddress('column'), r(zero));
  }
  assembly.label(start);
  emitSums(assembly, shape, tile);
  emitRows(assembly, shape, tile);
  emitOutputs(assembly, shape, tile);
  if (tiles > 1) emitNextTile(assembly, shape, tile, start);
  return printFunction(shape.kernelName, assembly.lines);
}

function saveRow(assembly: Assembly, { row }: ConvolutionRegisters, from: Register): void {
  if (row !== undefined) return copy(assembly, [row, row + 1], [from, from + 1]);
  assembly.emit('sts', spillAddress('row'), r(from));
  assembly.emit('sts', `${spillAddress('row')} + 1`, r(from + 1));
}

function loadRow(assembly: Assembly, { row }: ConvolutionRegisters): void {
  if (row !== undefined) return copy(assembly, [X, X + 1], [row, row + 1]);
  assembly.emit('lds', r(X), spillAddress('row'));
  assembly.emit('lds', r(X + 1), `${spillAddress('row')} + 1`);
}

/** All sums start as the bias. */
function emitSums(assembly: Assembly, shape: ConvolutionShape, { registers }: Tile): void {
  const [first, ...others] = registers.sums;
  for (const byte of first) assembly.emit('lpm', r(byte), 'Z+');
  for (const sum of others) copy(assembly, sum, first);
  if (shape.clips) addVariable(assembly, Z, 'sparrow_above');
}

function addVariable(assembly: Assembly, pair: Register, name: string): void {
  assembly.emit('lds', 'r0', name);
  assembly.emit('add', r(pair), 'r0');
  assembly.emit('lds', 'r0', `${name} + 1`);
  assembly.emit('adc', r(pair + 1), 'r0');
}

/** The loop over the rows of the window. */
function emitRows(assembly: Assembly, shape: ConvolutionShape, tile: Tile): void {
  const { emit } = assembly;
  const { registers } = tile;
  const { pixelPointer, windowPointer } = tile;
  const loops = shape.kernelHeight > 1;
  const start = assembly.newLabel('row');
  emit('ldi', r(windowPointer), 'lo8(sparrow_window)');
  emit('ldi', r(windowPointer + 1), 'hi8(sparrow_window)');
  const counter: Counter =
    registers.taps === undefined ? { address: spillAddress('taps') } : { register: registers.taps };
  if (loops) startTaps(assembly, shape, tile, counter);
  assembly.label(start);
  const window = windowPointer === Y ? 'Y+' : 'X+';
  emit('ld', r(pixelPointer), window);
  emit('ld', r(pixelPointer + 1), window);
  if (tile.tiles > 1) addColumn(assembly, registers, pixelPointer);
  emitChannels(assembly, shape, tile);
  if (loops) countDown(assembly, counter, start);
  if (shape.clips) addVariable(assembly, Z, 'sparrow_below');
}

function startTaps(assembly: Assembly, shape: ConvolutionShape, { registers }: Tile, counter: Counter): void {
  if (!shape.clips) return setCounter(assembly, counter, shape.kernelHeight, registers.high);
  if ('register' in counter) return assembly.emit('lds', r(counter.register), 'sparrow_taps');
  assembly.emit('lds', 'r0', 'sparrow_taps');
  assembly.emit('sts', counter.address, 'r0');
}

function addColumn(assembly: Assembly, { column }: ConvolutionRegisters, pointer: Register): void {
  if (column === undefined) assembly.emit('lds', 'r0', spillAddress('column'));
  assembly.emit('clr', 'r1');
  assembly.emit('add', r(pointer), r(column ?? 0));
  assembly.emit('adc', r(pointer + 1), 'r1');
}

/** One row of taps, channel by channel. */
function emitChannels(assembly: Assembly, shape: ConvolutionShape, tile: Tile): void {
  const { registers } = tile;
  emitGroups(assembly, {
    encoding: shape.encoding,
    groups: shape.channels,
    groupSize: shape.kernelWidth,
    carry: registers.carry,
    counter:
      registers.channels === undefined ? { address: spillAddress('channels') } : { register: registers.channels },
    scratch: registers.high,
    weights: registers.weights,
    body: () => emitTaps(assembly, shape, tile),
  });
}

/** Each input pixel of the row meets all taps that it is under; the pointer moves on to the next channel. */
function emitTaps(assembly: Assembly, shape: ConvolutionShape, tile: Tile): void {
  const { registers, pixels, pixelPointer, displaced } = tile;
  const { kernelWidth, stride, columnStride, channelStride, channels } = shape;
  const span = (pixels - 1) * stride + kernelWidth;
  let at = 0;
  for (let position = 0; position < span; position++) {
    const taps = Array.from({ length: kernelWidth }, (_, tap) => tap).filter((tap) => {
      const offset = position - tap;
      return offset >= 0 && offset % stride === 0 && offset / stride < pixels;
    });
    if (taps.length === 0) continue;
    const address = position * columnStride;
    if (displaced) assembly.emit('ldd', r(registers.pixel), `Y+${address}`);
    else {
      addToPair(assembly, pixelPointer, address - at);
      assembly.emit('ld', r(registers.pixel), pixelPointer === X ? 'X+' : 'Y+');
      at = address + 1;
    }
    for (const tap of taps) {
      const sum = registers.sums[(position - tap) / stride];
      multiplyAccumulate(assembly, sum, registers.weights[tap], registers.pixel, registers.extension);
    }
  }
  if (channels > 1) addToPair(assembly, pixelPointer, channelStride - at);
}

function emitOutputs(assembly: Assembly, shape: ConvolutionShape, { registers }: Tile): void {
  const { sums } = registers;
  const { multiplier, temporaries } = registers.outputs;
  for (const byte of multiplier) assembly.emit('lpm', r(byte), 'Z+');
  loadRow(assembly, registers);
  for (const sum of sums) requantize(assembly, shape, sum, multiplier, temporaries);
}

/** On to the next tile of the row; the last one may overlap the one before. */
function emitNextTile(assembly: Assembly, shape: ConvolutionShape, tile: Tile, start: string): void {
  const { emit } = assembly;
  const { registers, pixels, tiles } = tile;
  const step = shape.stride * shape.columnStride;
  const column = registers.column ?? registers.high;
  const overlap = tiles * pixels - shape.columns;
  const end = assembly.newLabel('end');
  const next = assembly.newLabel('next');
  if (registers.column === undefined) emit('lds', r(column), spillAddress('column'));
  emit('subi', r(column), `lo8(${-pixels * step})`);
  emit('cpi', r(column), (tiles * pixels - overlap) * step);
  emit('breq', end);
  if (overlap > 0) {
    emit('cpi', r(column), (tiles - 1) * pixels * step);
    emit('brne', next);
    emit('ldi', r(column), (shape.columns - pixels) * step);
    addToPair(assembly, X, -overlap);
    assembly.label(next);
  }
  if (registers.column === undefined) emit('sts', spillAddress('column'), r(column));
  saveRow(assembly, registers, X);
  addToPair(assembly, Z, -shape.filterBytes);
  emit('rjmp', start);
  assembly.label(end);
}
