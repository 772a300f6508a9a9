import type { Assembly } from '../../assembly/assembly.ts';
import { roundsOf } from '../groups.ts';
import { multiplyTaps } from './multiply-taps.ts';
import type { ConvolutionShape, DenseLayout } from './shape.ts';
import type { Tile } from './tile.ts';

/**
 * Rows of taps of a single channel as one run: a group each. Where a row begins in the middle of a byte, the row before has left that byte in
 * the carry's register, which is safe between the rows of an unrolled walk.
 */
function phasesOf({ kernelHeight, kernelWidth }: ConvolutionShape, { encoding, filters }: DenseLayout) {
  const groupSize = filters * kernelWidth;
  const { bytePhases, entry } = roundsOf({ encoding, groups: kernelHeight, groupSize, unrolled: 1 });
  return { groupSize, entry, phaseOf: (row: number): number => (entry + row) % bytePhases };
}

/** Before the first row: what a row before it would have left. */
export function enterJoinedRows(assembly: Assembly, shape: ConvolutionShape, tile: Tile & DenseLayout): void {
  const { groupSize, entry } = phasesOf(shape, tile);
  if (entry > 0) tile.encoding.enter(assembly, entry, groupSize, tile.registers.carry);
}

export function emitJoinedRow(
  assembly: Assembly,
  shape: ConvolutionShape,
  tile: Tile & DenseLayout,
  row: number,
): void {
  const { encoding, registers, pixels, pixelPointer, displaced } = tile;
  const { kernelWidth, stride, columnStride, channelStride } = shape;
  const loaded = encoding.load(assembly, phasesOf(shape, tile).phaseOf(row), registers.weights, registers.carry);
  const geometry = {
    pixels,
    kernelWidth,
    stride,
    columnStride,
    pixelPointer,
    displacement: displaced ? 0 : undefined,
    step: 'written' in registers.channel ? channelStride : undefined,
  };
  multiplyTaps(assembly, tile, geometry, loaded);
}
