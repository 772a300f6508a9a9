import { HALF_LEVEL, LARGEST_LEVEL, MOMENT_BYTES } from '@sparrow/model';
import type { Assembly } from '../assembly/assembly.ts';
import { loadImmediatePair, multiplyAdd } from '../assembly/idioms.ts';
import { r, type Register, X, Z } from '../assembly/registers.ts';
import { addToVariable, loadBytes } from './arithmetic.ts';
import type { PreprocessingLayout } from './layout.ts';

const [PIXEL, LEVELS, HALF, ZERO, COLUMN, PACKED, ROW, COUNT] = [6, 18, 19, 20, 21, 23, 16, 17];
/** Sums of the row. */
const MASS: readonly Register[] = [22];
const FIRST_MOMENT: readonly Register[] = [24, 25];
const SECOND_MOMENT: readonly Register[] = [4, 5];
/** The row's number times its mass. */
const PRODUCT: readonly Register[] = [6, 7];

/** Keeps the levels of the row that has come, and adds it to the image's moments. */
export function absorbRow(assembly: Assembly, layout: PreprocessingLayout): void {
  const { emit } = assembly;
  loadBytes(assembly, [ROW], layout.row);
  multiplyAdd(assembly, Z, layout.image, ROW, layout.packedRowBytes, COUNT);
  loadImmediatePair(assembly, X, layout.arrival);
  for (const register of [ZERO, COLUMN, ...MASS, ...FIRST_MOMENT, ...SECOND_MOMENT]) emit('clr', r(register));
  emit('ldi', r(LEVELS), LARGEST_LEVEL);
  emit('ldi', r(HALF), HALF_LEVEL);
  assembly.repeat({ register: COUNT }, layout.packedRowBytes, COUNT, () => {
    for (let pixel = 0; pixel < 4; pixel++) absorbPixel(assembly);
    emit('st', 'Z+', r(PACKED));
  });
  addMoments(assembly, layout);
}

function absorbPixel({ emit }: Assembly): void {
  emit('ld', r(PIXEL), 'X+');
  emit('mul', r(PIXEL), r(LEVELS));
  emit('add', 'r0', r(HALF));
  emit('adc', 'r1', r(ZERO));
  emit('mov', r(PIXEL), 'r1');
  emit('lsl', r(PACKED));
  emit('lsl', r(PACKED));
  emit('or', r(PACKED), r(PIXEL));
  emit('add', r(MASS[0]), r(PIXEL));
  // Level times column is a byte.
  emit('mul', r(PIXEL), r(COLUMN));
  emit('mov', r(PIXEL), 'r0');
  emit('add', r(FIRST_MOMENT[0]), r(PIXEL));
  emit('adc', r(FIRST_MOMENT[1]), r(ZERO));
  emit('mul', r(PIXEL), r(COLUMN));
  emit('add', r(SECOND_MOMENT[0]), 'r0');
  emit('adc', r(SECOND_MOMENT[1]), 'r1');
  emit('inc', r(COLUMN));
}

function addMoments(assembly: Assembly, { moments }: PreprocessingLayout): void {
  const { emit } = assembly;
  const scratch = COUNT;
  const add = (sum: keyof typeof MOMENT_BYTES, value: readonly Register[]): void =>
    addToVariable(assembly, moments[sum], MOMENT_BYTES[sum], value, { scratch, zero: ZERO });
  const wide: readonly Register[] = [8, 9, 10];
  const timesRow = (value: readonly Register[]): void => {
    emit('mul', r(value[0]), r(ROW));
    emit('mov', r(wide[0]), 'r0');
    emit('mov', r(wide[1]), 'r1');
    emit('clr', r(wide[2]));
    emit('mul', r(value[1]), r(ROW));
    emit('add', r(wide[1]), 'r0');
    emit('adc', r(wide[2]), 'r1');
  };
  add('mass', MASS);
  add('x', FIRST_MOMENT);
  add('xx', SECOND_MOMENT);
  timesRow(FIRST_MOMENT);
  add('xy', wide);
  emit('mul', r(MASS[0]), r(ROW));
  emit('mov', r(PRODUCT[0]), 'r0');
  emit('mov', r(PRODUCT[1]), 'r1');
  add('y', PRODUCT);
  timesRow(PRODUCT);
  add('yy', wide);
}
