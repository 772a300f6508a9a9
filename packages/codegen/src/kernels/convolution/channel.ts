import type { Assembly } from '../../assembly/assembly.ts';
import { r, type Register } from '../../assembly/registers.ts';
import type { Tile } from './tile.ts';

/** A depthwise layer's offset of the channel begins at 0. */
export function setChannel({ emit }: Assembly, { registers: { channel, high } }: Tile): void {
  if ('registers' in channel) for (const byte of channel.registers) emit('ldi', r(byte), 0);
  if (!('address' in channel)) return;
  emit('ldi', r(high), 0);
  for (let byte = 0; byte < channel.bytes; byte++) emit('sts', `${channel.address} + ${byte}`, r(high));
}

/** `channel += bytes` */
export function advanceChannel({ emit }: Assembly, { registers: { channel, high } }: Tile, bytes: number): void {
  const step = (register: Register, byte: number): void =>
    emit(byte === 0 ? 'subi' : 'sbci', r(register), `${byte === 0 ? 'lo8' : 'hi8'}(${-bytes})`);
  if ('registers' in channel) return channel.registers.forEach(step);
  if (!('address' in channel)) return;
  for (let byte = 0; byte < channel.bytes; byte++) {
    emit('lds', r(high), `${channel.address} + ${byte}`);
    step(high, byte);
    emit('sts', `${channel.address} + ${byte}`, r(high));
  }
}
