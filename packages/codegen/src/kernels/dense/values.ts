import type { Assembly } from '../../assembly/assembly.ts';
import { addToPair } from '../../assembly/idioms.ts';
import { r, type Register, X } from '../../assembly/registers.ts';
import type { DenseShape, DenseTile } from './shape.ts';

interface ValueRegisters {
  readonly weight: Register;
  readonly pixel: Register;
  readonly carry: Register;
  /** For the values of a plane. */
  readonly counter: Register;
  readonly extension?: Register;
  readonly total?: readonly [Register, Register];
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** The values of a row, from X, counting planes in RAM; `use(unit)` is emitted with the unit's weight and the value in their registers. X comes back. */
export function emitValues(
  assembly: Assembly,
  shape: DenseShape,
  tile: DenseTile,
  registers: ValueRegisters,
  planeCounter: string,
  use: (unit: number, weight: Register) => void,
): void {
  const { planes, values, stride } = shape;
  const plane = (): void => {
    emitPlane(assembly, values, tile, registers, use);
    if (planes > 1) addToPair(assembly, X, stride - values);
  };
  assembly.repeat({ address: planeCounter }, planes, registers.pixel, plane);
  addToPair(assembly, X, -(planes === 1 ? values : planes * stride));
}

/** Flat weights, unit by unit: the loop is unrolled until values begin at a byte (or further), and entered where the run does. */
function emitPlane(
  assembly: Assembly,
  values: number,
  { encoding, units, unrolled }: DenseTile,
  registers: ValueRegisters,
  use: (unit: number, weight: Register) => void,
): void {
  const { emit } = assembly;
  const phases = encoding.phases(1);
  const period = (phases / greatestCommonDivisor(units, phases)) * unrolled;
  const rounds = Math.ceil(values / period);
  const entry = (period - (values % period)) % period;
  const emitValue = (index: number): void => {
    emit('ld', r(registers.pixel), 'X+');
    if (registers.total && registers.extension !== undefined) {
      emit('add', r(registers.total[0]), r(registers.pixel));
      emit('adc', r(registers.total[1]), r(registers.extension));
    }
    for (let unit = 0; unit < units; unit++) {
      const [weight] = encoding.load(assembly, (index * units + unit) % phases, [registers.weight], registers.carry);
      use(unit, weight);
    }
  };
  if ((entry * units) % phases !== 0) encoding.enter(assembly, 1, 1, registers.carry);
  if (rounds === 1) {
    for (let index = entry; index < period; index++) emitValue(index);
    return;
  }
  const entryLabel = assembly.newLabel('entry');
  emit('ldi', r(registers.counter), rounds);
  if (entry > 0) emit('rjmp', entryLabel);
  assembly.countDown({ register: registers.counter }, rounds, () => {
    for (let index = 0; index < period; index++) {
      if (index === entry && entry > 0) assembly.label(entryLabel);
      assembly.sometimes(index < entry ? (rounds - 1) / rounds : 1, () => emitValue(index));
    }
  });
}
