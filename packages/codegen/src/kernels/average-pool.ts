import type { AccumulatorBits } from '@sparrow/model';
import { r, type Register } from '../assembly/registers.ts';
import type { StepFrame } from '../context.ts';
import { emitPool, PIXEL, type PoolShape, RESULT } from './pool.ts';
import { type RequantizeShape, requantize } from './requantize.ts';

export interface AveragePoolShape extends PoolShape, RequantizeShape {
  readonly accumulatorBits: AccumulatorBits;
  readonly bias: number;
}

const SUM: readonly Register[] = [16, 17, 18, 19];
const MULTIPLIER: readonly Register[] = [20, 21];
const ZERO: Register = 2;
const TEMPORARIES: readonly Register[] = [3, 4, 5, 6, 7, 8, 9, 10];

/** The window is open; X holds the output row's address. */
export function emitAveragePool({ assembly }: StepFrame, shape: AveragePoolShape): void {
  const { emit } = assembly;
  const multiplier = MULTIPLIER.slice(0, shape.largestMultiplier < 256 ? 1 : 2);
  multiplier.forEach((register, byte) => emit('ldi', r(register), (shape.largestMultiplier >> (8 * byte)) & 0xff));
  emit('clr', r(ZERO));
  const sum = SUM.slice(0, shape.accumulatorBits / 8);
  emitPool(assembly, shape, {
    start: () => sum.forEach((register, byte) => emit('ldi', r(register), byteOf(shape.bias, byte))),
    take: () => {
      emit('add', r(sum[0]), r(PIXEL));
      for (const byte of sum.slice(1)) emit('adc', r(byte), r(ZERO));
    },
    finish: () => {
      assembly.phase('requantisation', () =>
        requantize(assembly, shape, sum, { result: RESULT, multiplier, zero: ZERO, temporaries: TEMPORARIES }),
      );
    },
  });
}

export function byteOf(value: number, byte: number): number {
  return Math.floor(value / 2 ** (8 * byte)) & 0xff;
}
