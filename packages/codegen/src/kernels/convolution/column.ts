import type { Assembly } from '../../assembly/assembly.ts';
import { r, type Register } from '../../assembly/registers.ts';
import type { Tile } from './tile.ts';

/** A tile's offset begins at 0. */
export function setColumn(assembly: Assembly, { registers: { column, high } }: Tile): void {
  const { emit } = assembly;
  if ('registers' in column) for (const byte of column.registers) emit('ldi', r(byte), 0);
  if (!('address' in column)) return;
  emit('ldi', r(high), 0);
  for (let byte = 0; byte < column.bytes; byte++) emit('sts', `${column.address} + ${byte}`, r(high));
}

/** `column += bytes` */
export function advanceColumn(assembly: Assembly, { registers: { column, high } }: Tile, bytes: number): void {
  const { emit } = assembly;
  if (bytes === 0 || 'nowhere' in column) return;
  const step = (register: Register, byte: number): void =>
    emit(byte === 0 ? 'subi' : 'sbci', r(register), `${byte === 0 ? 'lo8' : 'hi8'}(${-bytes})`);
  if ('registers' in column) return column.registers.forEach(step);
  for (let byte = 0; byte < column.bytes; byte++) {
    emit('lds', r(high), `${column.address} + ${byte}`);
    step(high, byte);
    emit('sts', `${column.address} + ${byte}`, r(high));
  }
}
