import type { Assembly } from '../assembly/assembly.ts';
import { addToPair, copy } from '../assembly/idioms.ts';
import { r, type Register, X, Y } from '../assembly/registers.ts';
import type { StepFrame } from '../context.ts';
import { emitPool, PIXEL, type PoolShape, RESULT } from './pool.ts';
import { loadNext, storeNext, type Walker, walkPlanes } from './planes.ts';

const [CHANNELS, COLUMNS, OLD, MASK] = [23, 22, 21, 20];

/** `a = max(a, b)` of bytes, always in 3 cycles. */
export function takeLarger(assembly: Assembly, a: Register, b: Register): void {
  const { emit } = assembly;
  const end = assembly.newLabel('larger');
  emit('cp', r(a), r(b));
  emit('brsh', end);
  emit('mov', r(a), r(b));
  assembly.label(end);
}

/** The window is open; X holds the output row's address. */
export function emitMaxPool({ assembly }: StepFrame, shape: PoolShape): void {
  emitPool(assembly, shape, {
    start: () => assembly.emit('ldi', r(RESULT), 0),
    take: () => takeLarger(assembly, RESULT, PIXEL),
    finish: () => {},
  });
}

export interface FoldSources {
  /** Leave addresses in X. */
  readonly setRow: () => void;
  readonly setOutput: () => void;
  /** 0 if the output row begins, else 255. */
  readonly setMask: (register: Register) => void;
}

/** One row of input is folded into the output row. */
export function emitFoldingMaxPool(
  { assembly }: StepFrame,
  { window, stride, channels, columns, input, output }: PoolShape,
  { setRow, setOutput, setMask }: FoldSources,
): void {
  const { emit } = assembly;
  const source: Walker = { pointer: X, ring: input, step: stride.width };
  const target: Walker = { pointer: Y, ring: output, step: 1 };
  setOutput();
  copy(assembly, [Y, Y + 1], [X, X + 1]);
  setRow();
  setMask(MASK);
  const loop = { channelCounter: { register: CHANNELS }, columnCounter: { register: COLUMNS }, scratch: PIXEL };
  assembly.phase('compute', () =>
    walkPlanes(assembly, { channels, columns, ...loop, walkers: [source, target] }, () => {
      loadNext(assembly, RESULT, source);
      for (let tap = 1; tap < window.width; tap++) {
        loadNext(assembly, PIXEL, source);
        takeLarger(assembly, RESULT, PIXEL);
      }
      addToPair(assembly, X, (stride.width - window.width) * input.columnStride);
      if (window.height > 1) {
        emit('ld', r(OLD), 'Y');
        emit('and', r(OLD), r(MASK));
        takeLarger(assembly, RESULT, OLD);
      }
      storeNext(assembly, target, RESULT);
    }),
  );
}
