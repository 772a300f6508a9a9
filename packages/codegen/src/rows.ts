import { firstRow, iterations, type Ring, type Step } from '@sparrow/model';
import { multiplyAdd, loadImmediatePair } from './assembly/idioms.ts';
import type { Register } from './assembly/registers.ts';
import type { Operand, StepFrame } from './context.ts';

/** Where the arena begins in RAM, for the assembler. */
export const ARENA = 'sparrow_arena';

/** Pointers to the rows of the window of the step that runs. */
export const WINDOW = 'sparrow_window';

function byIteration(name: string, step: Step, value: (iteration: number) => number): Operand {
  return { name, values: Array.from({ length: iterations(step) }, (_, iteration) => value(iteration)) };
}

/** Slot in the ring of the first row that an iteration reads. */
export function inputSlot(step: Step, { rows }: Ring, name = 'slot'): Operand {
  return byIteration(name, step, (iteration) => firstRow(step, iteration) % rows);
}

/** Slot in the ring of the row that an iteration writes. */
export function outputSlot(step: Step, { rows }: Ring): Operand {
  return byIteration('out', step, (iteration) => Math.floor(iteration / step.rowsPerOutput) % rows);
}

/** How rows of a step's window are outside of the image. */
export interface Clipping {
  /** Rows of the window that are above the image, by iteration. */
  readonly skip: Operand;
  /** Those that are inside of it. */
  readonly taps: Operand;
  readonly clips: boolean;
  /** Most rows that are above or below the image in an iteration. */
  readonly mostAbove: number;
  readonly mostBelow: number;
}

export function clipping(step: Step, height: number): Clipping {
  const skipped = (iteration: number): number => Math.max(0, step.padTop - iteration * step.rowStride);
  const end = (iteration: number): number => iteration * step.rowStride - step.padTop + step.windowRows;
  const skip = byIteration('skip', step, skipped);
  const taps = byIteration('taps', step, (iteration) => {
    return step.windowRows - skipped(iteration) - Math.max(0, end(iteration) - height);
  });
  const mostAbove = Math.max(...skip.values);
  const mostBelow = Math.max(...taps.values.map((rows, iteration) => step.windowRows - skip.values[iteration] - rows));
  return { skip, taps, clips: mostAbove > 0 || mostBelow > 0, mostAbove, mostBelow };
}

/** As `inputSlot`, for windows of which all rows get a pointer, also those outside of the image. */
export function windowSlot(step: Step, { rows }: Ring): Operand {
  const first = (iteration: number): number => iteration * step.rowStride - step.padTop;
  return byIteration('slot', step, (iteration) => ((first(iteration) % rows) + rows) % rows);
}

/** A bit for each row of the window, set for those inside of the image. */
export function insideBits(step: Step, height: number): Operand {
  const { skip, taps } = clipping(step, height);
  return byIteration('inside', step, (iteration) => ((1 << taps.values[iteration]) - 1) << skip.values[iteration]);
}

/** 0 in the iteration that begins an output row, 255 in those that fold further rows into it. */
export function foldMask(step: Step): Operand {
  return byIteration('mask', step, (iteration) => (iteration % step.rowsPerOutput === 0 ? 0 : 255));
}

/** Number of the iteration. */
export function iterationNumber(step: Step): Operand {
  return byIteration('i', step, (iteration) => iteration);
}

/** The assembler's address of the first pixel of a ring's first row. */
export function ringBase({ offset, gap }: Ring, extra = 0): string {
  return `${ARENA} + ${offset + gap + extra}`;
}

/** C pointer to the first pixel of the row in slot `slot`, a C expression. */
export function rowPointer(ring: Ring, slot: string, extra = 0): string {
  return `(arena + ${ring.offset + ring.gap + extra} + ${slot} * ${ring.rowBytes})`;
}

/** `pair` = address of the row in the slot that an operand says. Uses r0, r1 and `scratch`, both from r16 up. */
export function loadRowAddress(
  { assembly, operand }: StepFrame,
  pair: Register,
  ring: Ring,
  slot: string,
  scratch: Register,
): void {
  const value = operand(slot);
  if ('constant' in value) loadImmediatePair(assembly, pair, ringBase(ring, value.constant * ring.rowBytes));
  else multiplyAdd(assembly, pair, ringBase(ring), value.register, ring.rowBytes, scratch);
}
