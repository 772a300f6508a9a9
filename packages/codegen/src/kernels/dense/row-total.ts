import type { Assembly } from '../../assembly/assembly.ts';
import { r, type Register, RegisterPool } from '../../assembly/registers.ts';
import { type DenseShape, type DenseTile, sumBytes } from './shape.ts';
import type { Sums } from './sums.ts';
import { emitValues } from './values.ts';

/** Unsigned weights at 16-bit sums: Σx is summed once a row, so that tiles have all registers for sums. */
export function sumsRowFirst(shape: DenseShape, { encoding }: DenseTile): boolean {
  return encoding.offset > 0 && sumBytes(shape) === 2;
}

/** Of two bytes that last from tile to tile. */
export type PairPlace = { readonly registers: readonly [Register, Register] } | { readonly address: string };

/** Free before the first tile, but for those of the total. */
const REGISTERS = Array.from({ length: 24 }, (_, index) => index + 2);

/** `total = offset · Σx` of the row at X, which comes back; 16 bits, as those of the sums. */
export function emitRowTotal(
  assembly: Assembly,
  shape: DenseShape,
  { encoding }: DenseTile,
  planeCounter: string,
  place: PairPlace,
): void {
  const { emit } = assembly;
  const pool = new RegisterPool(REGISTERS);
  const total = 'registers' in place ? place.registers : ([2, 3] as const);
  for (const byte of total) pool.takeThis(byte);
  const [pixel, counter, zero] = [pool.take(16), pool.take(16), pool.take()] as [Register, Register, Register];
  const registers = { weight: pixel, pixel, carry: pixel, counter, extension: zero, total };
  assembly.phase('compute', () => {
    for (const register of [...total, zero]) emit('clr', r(register));
    emitValues(assembly, shape, { encoding, units: 0, unrolled: 4 }, registers, planeCounter, () => {});
    for (let times = 0; times < Math.log2(encoding.offset); times++) {
      total.forEach((byte, index) => emit(index === 0 ? 'add' : 'adc', r(byte), r(byte)));
    }
    if ('address' in place) total.forEach((byte, index) => emit('sts', `${place.address} + ${index}`, r(byte)));
  });
}

/** `sums −= total`; from RAM it is loaded into `scratch`. */
export function subtractRowTotal(
  assembly: Assembly,
  sums: Sums,
  place: PairPlace,
  scratch: readonly [Register, Register],
): void {
  const { emit } = assembly;
  assembly.phase('compute', () => {
    if ('address' in place) scratch.forEach((byte, index) => emit('lds', r(byte), `${place.address} + ${index}`));
    const [low, high] = 'registers' in place ? place.registers : scratch;
    for (const sum of sums) {
      emit('sub', r(sum[0]), r(low));
      emit('sbc', r(sum[1]), r(high));
    }
  });
}
