import type { ConvolutionShape } from './shape.ts';

/** The tiles of a row of output pixels. */
export interface TileRun {
  readonly tiles: number;
  readonly pixels: number;
  /** Pixels by which the last tile overlaps the one before. */
  readonly overlap: number;
  /** Width of the max-pool behind; 1 without. */
  readonly poolWidth: number;
  /** Where in a window of the max-pool a tile may begin. */
  readonly phases: readonly number[];
}

export function tileRun({ columns, pool }: ConvolutionShape, pixels: number): TileRun {
  const tiles = Math.ceil(columns / pixels);
  const run = { tiles, pixels, overlap: tiles * pixels - columns, poolWidth: pool?.width ?? 1 };
  const phases = new Set(Array.from({ length: tiles }, (_, tile) => firstColumn(run, tile) % run.poolWidth));
  return { ...run, phases: [...phases] };
}

function firstColumn({ pixels, tiles, overlap }: Omit<TileRun, 'phases'>, tile: number): number {
  return tile * pixels - (tile === tiles - 1 ? overlap : 0);
}

/** Whether the number of tiles that are left tells the phase: of two tiles the first begins with a window. */
export function phaseIsCounted({ tiles, phases }: TileRun): boolean {
  return tiles === 2 && phases.length === 2;
}

/** The share of all tiles that begin at this place of a window. */
export function shareOfPhase(run: TileRun, phase: number): number {
  const starts = Array.from({ length: run.tiles }, (_, tile) => firstColumn(run, tile) % run.poolWidth);
  return starts.filter((start) => start === phase).length / run.tiles;
}

/** Of the tiles that are followed by one which begins `back` pixels before their end: the share whose next window wraps. */
export function shareOfWraps(run: TileRun, back: number): number {
  const steps = Array.from({ length: run.tiles - 1 }, (_, tile) => tile)
    .filter((tile) => (tile === run.tiles - 2 ? run.overlap : 0) === back)
    .map((tile) => {
      return (firstColumn(run, tile) % run.poolWidth) + ((run.pixels - back) % run.poolWidth) >= run.poolWidth;
    });
  return steps.filter(Boolean).length / Math.max(1, steps.length);
}

/** Sizes of the groups of a tile's pixels that go into one output each. */
export function pixelGroups({ pixels, poolWidth }: TileRun, phase: number): number[] {
  const groups: number[] = [];
  for (let pixel = 0; pixel < pixels; pixel += groups[groups.length - 1]) {
    groups.push(Math.min(pixels - pixel, poolWidth - ((phase + pixel) % poolWidth)));
  }
  return groups;
}
