import type { Assembly, Counter } from '../../assembly/assembly.ts';
import { r, type Register } from '../../assembly/registers.ts';

export interface TileLoop {
  /** In a register from r16 up, or in RAM. */
  readonly counter: Counter;
  readonly tiles: number;
  /** Pixels by which the last tile overlaps the one before. */
  readonly overlap: number;
  /** From r16 up, free between tiles. */
  readonly scratch: Register;
}

/** A tile's loop: `next(back)` moves on to the next tile, which begins `back` pixels before the end of this one. */
export function emitTiles(
  assembly: Assembly,
  { counter, tiles, overlap, scratch }: TileLoop,
  tile: () => void,
  next: (back: number) => void,
): void {
  if (tiles === 1) return tile();
  const { emit } = assembly;
  const [start, more, end] = ['tile', 'more', 'end'].map((stem) => assembly.newLabel(stem));
  assembly.setCounter(counter, tiles, scratch);
  assembly.label(start);
  assembly.sometimes(tiles, () => {
    tile();
    assembly.decrement(counter);
    emit('brne', more);
  });
  // The last one does not branch, but jumps.
  assembly.spend(tiles - 1);
  assembly.sometimes(1, () => emit('rjmp', end));
  assembly.label(more);
  assembly.sometimes(tiles - 1, () => {
    if (overlap === 0 || tiles === 2) next(overlap);
    else {
      const last = assembly.newLabel('last');
      const go = assembly.newLabel('next');
      if ('address' in counter) emit('lds', r(scratch), counter.address);
      emit('cpi', r('address' in counter ? scratch : counter.register), 1);
      emit('breq', last);
      assembly.sometimes((tiles - 2) / (tiles - 1), () => {
        next(0);
        emit('rjmp', go);
      });
      assembly.label(last);
      assembly.sometimes(1 / (tiles - 1), () => {
        assembly.spend(1);
        next(overlap);
      });
      assembly.label(go);
    }
    emit('rjmp', start);
  });
  assembly.label(end);
}
