import type { Ring, Size } from '@sparrow/model';
import type { Assembly } from '../assembly/assembly.ts';
import { addToPair, copy, loadPair } from '../assembly/idioms.ts';
import { r, type Register, X, Y, Z } from '../assembly/registers.ts';
import { WINDOW } from '../rows.ts';
import { loadNext, storeNext, type Walker, walkPlanes } from './planes.ts';

/** All that a pool's kernel is specialised to. */
export interface PoolShape {
  readonly window: Size;
  readonly stride: Size;
  readonly channels: number;
  /** Of the output. */
  readonly columns: number;
  readonly input: Ring;
  readonly output: Ring;
}

/** Where `PoolBody` finds a pixel, and leaves an output. */
export const PIXEL: Register = 25;
export const RESULT: Register = 24;
const [CHANNELS, COLUMNS] = [23, 22];

export interface PoolBody {
  /** Before the first pixel of a window. */
  readonly start: () => void;
  /** The pixel is in `PIXEL`. */
  readonly take: () => void;
  /** Leaves the output in `RESULT`. */
  readonly finish: () => void;
}

/** All windows of a row. `body` may use r2 to r11 and r16 to r21. */
export function emitPool(assembly: Assembly, shape: PoolShape, body: PoolBody): void {
  copy(assembly, [Y, Y + 1], [X, X + 1]);
  assembly.phase('compute', () => {
    if (shape.window.height <= 2) emitWithPointers(assembly, shape, body);
    else emitWithOffset(assembly, shape, body);
  });
}

const loopOf = ({ channels, columns }: PoolShape) => ({
  channels,
  columns,
  channelCounter: { register: CHANNELS },
  columnCounter: { register: COLUMNS },
  scratch: PIXEL,
});

/** One or two rows: X and Z walk over them. */
function emitWithPointers(
  assembly: Assembly,
  { window, stride, input, output, ...shape }: PoolShape,
  body: PoolBody,
): void {
  const rows = [X, Z].slice(0, window.height).map((pointer): Walker => ({ pointer, ring: input, step: stride.width }));
  rows.forEach(({ pointer }, row) => loadPair(assembly, pointer, `${WINDOW} + ${2 * row}`));
  const target: Walker = { pointer: Y, ring: output, step: 1 };
  const walkers = [...rows, target];
  walkPlanes(assembly, { ...loopOf({ window, stride, input, output, ...shape }), walkers }, () => {
    body.start();
    for (const row of rows) {
      for (let tap = 0; tap < window.width; tap++) {
        loadNext(assembly, PIXEL, row);
        body.take();
      }
      addToPair(assembly, row.pointer, (stride.width - window.width) * input.columnStride);
    }
    body.finish();
    storeNext(assembly, target, RESULT);
  });
}

/** Any number of rows: X is taken from the table of row pointers for each. */
function emitWithOffset(assembly: Assembly, shape: PoolShape, body: PoolBody): void {
  const { emit } = assembly;
  const { window, stride, input, output } = shape;
  const target: Walker = { pointer: Y, ring: output, step: 1 };
  const row: Walker = { pointer: X, ring: input, step: stride.width };
  // Z is the offset, which moves like a pointer.
  const offset: Walker = { pointer: Z, ring: input, step: stride.width };
  emit('ldi', r(Z), 0);
  emit('ldi', r(Z + 1), 0);
  walkPlanes(assembly, { ...loopOf(shape), walkers: [offset, target] }, () => {
    body.start();
    for (let line = 0; line < window.height; line++) {
      loadPair(assembly, X, `${WINDOW} + ${2 * line}`);
      emit('add', r(X), r(Z));
      emit('adc', r(X + 1), r(Z + 1));
      for (let tap = 0; tap < window.width; tap++) {
        loadNext(assembly, PIXEL, row);
        body.take();
      }
    }
    addToPair(assembly, Z, stride.width * input.columnStride);
    body.finish();
    storeNext(assembly, target, RESULT);
  });
}
