import type { Assembly } from '../../assembly/assembly.ts';
import { addToPair, loadPair, storePair } from '../../assembly/idioms.ts';
import { X } from '../../assembly/registers.ts';
import { moveWindow } from '../../window.ts';
import { storePlace } from './outputs.ts';
import { nextPhase } from './phase.ts';
import type { ConvolutionShape } from './shape.ts';
import type { Tile } from './tile.ts';
import type { TileLoop } from './tiles.ts';
import type { Variables } from './variables.ts';

/** Over the tiles of a row. */
export function tileLoop({ registers, run }: Tile, { tilesLeft }: Variables): TileLoop {
  return { counter: tilesLeft, ...run, scratch: registers.high };
}

/** Moves on by a tile, less `back` pixels. */
export function nextTile(
  assembly: Assembly,
  shape: ConvolutionShape,
  tile: Tile,
  variables: Variables,
  back: number,
): void {
  const { stride, columnStride, kernelHeight } = shape;
  const { registers, pixels, run } = tile;
  const tileRow = variables.tileRow as string;
  const moved = 'written' in registers.channel ? shape.filters * shape.channelStride : 0;
  moveWindow(assembly, kernelHeight, (pixels - back) * stride * columnStride - moved);
  loadPair(assembly, X, tileRow);
  addToPair(assembly, X, Math.floor((pixels - back) / run.poolWidth));
  nextPhase(assembly, tile, variables, back);
  storePair(assembly, tileRow, X);
  if (variables.corrections === undefined) storePlace(assembly, registers.row, X);
}

/** From the last tile of a filter's row, with X behind it, back to the first one, of the next filter. */
export function firstTile(assembly: Assembly, shape: ConvolutionShape, tile: Tile, { tileRow }: Variables): void {
  const { columns, stride, columnStride, kernelHeight } = shape;
  const { pixels, run, registers } = tile;
  const moved = columns - pixels;
  addToPair(assembly, X, -Math.floor(moved / run.poolWidth));
  storePlace(assembly, registers.row, X);
  if (tileRow !== undefined) storePair(assembly, tileRow, X);
  moveWindow(assembly, kernelHeight, -moved * stride * columnStride);
}
