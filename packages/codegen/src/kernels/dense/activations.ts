import type { Assembly } from '../../assembly/assembly.ts';
import { addToPair, loadImmediatePair } from '../../assembly/idioms.ts';
import { r, RegisterPool, X, Y, Z } from '../../assembly/registers.ts';
import { type RequantizeRegisters, type RequantizeShape, requantize, requantizeTemporaries } from '../requantize.ts';
import { largestMultiplier, smallestMultiplier } from '../../ranges.ts';
import { type DenseShape, sumBytes } from './shape.ts';
import type { Sums } from './sums.ts';

function requantizeShapeOf({ requantization, range }: DenseShape): RequantizeShape {
  if (!requantization) throw new Error('logits are not requantised');
  return {
    range,
    smallestMultiplier: smallestMultiplier(requantization),
    largestMultiplier: largestMultiplier(requantization),
    shift: requantization.shift,
  };
}

/** Registers for requantisation besides the sums, with Y at the activations. */
export function placeActivations(shape: DenseShape, sums: Sums): RequantizeRegisters | undefined {
  const pool = new RegisterPool(
    Array.from({ length: 24 }, (_, index) => index + 2).filter((register) => !sums.flat().includes(register)),
  );
  const result = pool.take(16);
  const others = pool.takeLow(shape.multiplierBytes + 1 + requantizeTemporaries(requantizeShapeOf(shape)));
  if (result === undefined || !others) return undefined;
  const multiplier = others.splice(0, shape.multiplierBytes);
  const [zero, ...temporaries] = others;
  return { result, multiplier, zero, temporaries };
}

/** The input has one row: sums are complete. Multipliers follow the weights. */
export function storeActivations(assembly: Assembly, shape: DenseShape, sums: Sums): void {
  const { emit } = assembly;
  const registers = placeActivations(shape, sums) as RequantizeRegisters;
  assembly.phase('requantisation', () => {
    emit('clr', r(registers.zero));
    for (const sum of sums) {
      for (const byte of registers.multiplier) emit('lpm', r(byte), 'Z+');
      requantize(assembly, requantizeShapeOf(shape), sum, registers);
      emit('st', 'Y+', r(registers.result));
      addToPair(assembly, Y, shape.outputStride - 1);
    }
  });
}

/** After the last row: sums in RAM become activations. `setOutput` leaves their address in X. */
export function requantizeSums(
  assembly: Assembly,
  shape: DenseShape,
  multipliers: string,
  setOutput: () => void,
): void {
  const { emit } = assembly;
  const requantizeShape = requantizeShapeOf(shape);
  const sum = [2, 3, 4, 5].slice(0, sumBytes(shape));
  const multiplier = [6, 7].slice(0, shape.multiplierBytes);
  const [zero, ...temporaries] = [8, 9, 10, 11, 12, 13, 14, 15];
  assembly.phase('requantisation', () => {
    setOutput();
    loadImmediatePair(assembly, Y, shape.sums);
    loadImmediatePair(assembly, Z, multipliers);
    emit('clr', r(zero));
    assembly.repeat({ register: 24 }, shape.units, 24, () => {
      for (const byte of sum) emit('ld', r(byte), 'Y+');
      addToPair(assembly, Y, shape.storedBytes - sum.length);
      for (const byte of multiplier) emit('lpm', r(byte), 'Z+');
      requantize(assembly, requantizeShape, sum, { result: 25, multiplier, zero, temporaries });
      emit('st', 'X+', 'r25');
      addToPair(assembly, X, shape.outputStride - 1);
    });
  });
}
