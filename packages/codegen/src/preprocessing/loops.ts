import type { Assembly } from '../assembly/assembly.ts';
import { clearMemory } from '../assembly/idioms.ts';
import type { PreprocessingLayout } from './layout.ts';

/** No row has come yet: its number, the sums, and what pads the row to whole bytes of levels become 0. */
export function beginArrival(
  assembly: Assembly,
  { width, buffers: { arrival }, ...layout }: PreprocessingLayout,
): void {
  clearMemory(assembly, `${layout.arrival} + ${width}`, arrival.bytes - width);
  assembly.emit('sts', layout.row, 'r1');
}

/** Counts the row that has come; `whenComplete`: behind the last one. Its cycles depend on `row`. */
export function onceComplete(assembly: Assembly, layout: PreprocessingLayout, whenComplete: () => void): void {
  countRow(assembly, layout);
  const isLast = ({ row }: Readonly<Record<string, number>>): number => (row === layout.height - 1 ? 1 : 0);
  assembly.unless('brne', 'breq', layout.height === 1 ? 1 : isLast, whenComplete);
}

/** Once for each row of the preprocessed image. */
export function eachRow(assembly: Assembly, layout: PreprocessingLayout, body: () => void): void {
  assembly.emit('clr', 'r16');
  assembly.emit('sts', layout.row, 'r16');
  assembly.loop(layout.height, () => countRow(assembly, layout), body);
}

/** The zero flag tells whether it was the last one. */
function countRow({ emit }: Assembly, { row, height }: PreprocessingLayout): void {
  emit('lds', 'r16', row);
  emit('inc', 'r16');
  emit('sts', row, 'r16');
  emit('cpi', 'r16', height);
}
