import type { Ring } from '@sparrow/model';
import type { Assembly, Counter } from '../assembly/assembly.ts';
import { addToPair } from '../assembly/idioms.ts';
import { r, type Register, X, Y, Z } from '../assembly/registers.ts';

/** A pointer that walks over a row, channel by channel. */
export interface Walker {
  readonly pointer: Register;
  readonly ring: Pick<Ring, 'columnStride' | 'channelStride'>;
  /** Pixels by which it moves on from column to column. */
  readonly step: number;
}

const POST_INCREMENT: Readonly<Record<Register, string>> = { [X]: 'X+', [Y]: 'Y+', [Z]: 'Z+' };

/** Loads the pixel and moves on to the next column of the channel. */
export function loadNext(assembly: Assembly, register: Register, { pointer, ring }: Walker): void {
  assembly.emit('ld', r(register), POST_INCREMENT[pointer]);
  addToPair(assembly, pointer, ring.columnStride - 1);
}

export function storeNext(assembly: Assembly, { pointer, ring }: Walker, register: Register): void {
  assembly.emit('st', POST_INCREMENT[pointer], r(register));
  addToPair(assembly, pointer, ring.columnStride - 1);
}

export interface PlaneLoop {
  readonly channels: number;
  readonly columns: number;
  readonly channelCounter: Counter;
  readonly columnCounter: Counter;
  /** From r16 up. */
  readonly scratch: Register;
  readonly walkers: readonly Walker[];
}

/** Executes `body` for each column of each channel; it moves each walker on by its step. */
export function walkPlanes(assembly: Assembly, loop: PlaneLoop, body: () => void): void {
  const { channels, columns, channelCounter, columnCounter, scratch, walkers } = loop;
  assembly.repeat(channelCounter, channels, scratch, () => {
    assembly.repeat(columnCounter, columns, scratch, body);
    if (channels === 1) return;
    for (const { pointer, ring, step } of walkers) {
      addToPair(assembly, pointer, ring.channelStride - columns * step * ring.columnStride);
    }
  });
}
