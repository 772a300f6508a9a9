import { CENTRE_BITS, doubledDeviation, RATIO_BITS, STEPS } from '@sparrow/model';
import type { Assembly } from '../assembly/assembly.ts';
import { r, type Register } from '../assembly/registers.ts';
import { SCRATCH } from '../scratch.ts';
import {
  combine,
  DIGITS,
  double,
  FIRST,
  loadBytes,
  multiply,
  negateIf,
  RATIO,
  RESULT,
  ROOT,
  SECOND,
  storeBytes,
  SUBTRACT,
} from './arithmetic.ts';
import type { PreprocessingLayout } from './layout.ts';

/** In scratch memory, 4 bytes each. */
const COVARIANCE = SCRATCH;
const VARIANCE_ACROSS = `${SCRATCH} + 4`;

const MASS: readonly Register[] = [2, 3];
const [SUM_X, SUM_Y]: readonly (readonly Register[])[] = [
  [4, 5],
  [6, 7],
];
const SECOND_MOMENT: readonly Register[] = [8, 9, 10];
const [SIGN, SHEAR, ZERO]: readonly Register[] = [11, 12, 13];

/** From the moments to where the image is placed: `placementOf` of the model, step by step. */
export function placeImage(assembly: Assembly, layout: PreprocessingLayout): void {
  const { moments, height, width } = layout;
  loadBytes(assembly, MASS, moments.mass);
  loadBytes(assembly, SUM_X, moments.x);
  loadBytes(assembly, SUM_Y, moments.y);
  assembly.emit('clr', r(ZERO));
  centralMoment(assembly, moments.xx, SUM_X, SUM_X);
  storeBytes(assembly, VARIANCE_ACROSS, FIRST);
  centralMoment(assembly, moments.xy, SUM_X, SUM_Y);
  assembly.emit('sbc', r(SIGN), r(SIGN));
  negateIf(assembly, FIRST, SIGN);
  storeBytes(assembly, COVARIANCE, FIRST);
  shear(assembly, layout);
  storeStep(assembly, layout.xStep, doubledDeviation(width, 'width'));
  centralMoment(assembly, moments.yy, SUM_Y, SUM_Y);
  storeStep(assembly, layout.yStep, doubledDeviation(height, 'height'));
  slant(assembly, layout);
  centre(assembly, SUM_Y);
  subtractSteps(assembly, RESULT, layout.yStep, 2 * (height >> 1));
  storeBytes(assembly, layout.yPosition, RESULT);
  centre(assembly, SUM_X);
  subtractSteps(assembly, RESULT, layout.xStep, 2 * (width >> 1));
  subtractSlants(assembly, layout);
  storeBytes(assembly, layout.xPosition, RESULT);
}

/** FIRST = mass · sum − a · b, of sums over levels times a's and b's coordinates; the carry tells whether that is negative. */
function centralMoment(assembly: Assembly, sum: string, a: readonly Register[], b: readonly Register[]): void {
  loadBytes(assembly, SECOND_MOMENT, sum);
  multiply(assembly, FIRST, MASS, SECOND_MOMENT, ZERO);
  multiply(assembly, SECOND, a, b, ZERO);
  combine(assembly, SUBTRACT, FIRST, SECOND);
}

function setDigits({ emit }: Assembly, digits: number): void {
  emit('ldi', r(DIGITS), digits);
}

/** SHEAR, and FIRST = the variance across that is left without it. */
function shear(assembly: Assembly, { moments }: PreprocessingLayout): void {
  const { emit } = assembly;
  centralMoment(assembly, moments.yy, SUM_Y, SUM_Y);
  FIRST.forEach((register, byte) => emit('mov', r(SECOND[byte]), r(register)));
  loadBytes(assembly, FIRST, COVARIANCE);
  setDigits(assembly, RATIO_BITS);
  assembly.call(RATIO, () => ({ digits: RATIO_BITS }));
  emit('mov', r(SHEAR), r(RESULT[0]));
  // The product's four upper of five bytes.
  loadBytes(assembly, SECOND, COVARIANCE);
  const product: readonly Register[] = [24, 25, 26, 27];
  for (const register of product) emit('clr', r(register));
  SECOND.forEach((register, byte) => {
    emit('mul', r(register), r(SHEAR));
    if (byte === 0) return emit('mov', r(product[0]), 'r1');
    emit('add', r(product[byte - 1]), 'r0');
    emit('adc', r(product[byte]), 'r1');
  });
  loadBytes(assembly, FIRST, VARIANCE_ACROSS);
  combine(assembly, SUBTRACT, FIRST, product);
}

/** From the variance in FIRST to a step of the image that has `doubled` half pixels of standard deviation. */
function storeStep(assembly: Assembly, address: string, doubled: number): void {
  const { emit } = assembly;
  assembly.call(ROOT);
  FIRST.forEach((register, byte) => emit('mov', r(register), r(RESULT[byte] ?? ZERO)));
  timesMass(assembly, doubled);
  setDigits(assembly, RATIO_BITS);
  assembly.call(RATIO, () => ({ digits: RATIO_BITS }));
  emit('mov', 'r24', r(RESULT[0]));
  // Each skips one instruction or does not: 2 cycles either way.
  emit('cpi', 'r24', STEPS.least);
  limit(assembly, 'brsh', STEPS.least);
  emit('cpi', 'r24', STEPS.most);
  limit(assembly, 'brlo', STEPS.most);
  emit('sts', address, 'r24');
}

function limit(assembly: Assembly, unless: 'brsh' | 'brlo', value: number): void {
  const within = assembly.newLabel('within');
  assembly.emit(unless, within);
  assembly.emit('ldi', 'r24', value);
  assembly.label(within);
}

/** SECOND = factor · mass. */
function timesMass(assembly: Assembly, factor: number): void {
  assembly.emit('ldi', 'r24', factor);
  multiply(assembly, SECOND, MASS, [24], ZERO);
}

/** Of neighbouring rows: what they are sheared by, in rows of the normalised image. */
function slant(assembly: Assembly, layout: PreprocessingLayout): void {
  const { emit } = assembly;
  const value: readonly Register[] = [16, 17, 18];
  emit('lds', 'r24', layout.yStep);
  emit('mul', r(SHEAR), 'r24');
  emit('mov', r(value[0]), 'r0');
  emit('mov', r(value[1]), 'r1');
  emit('clr', r(value[2]));
  negateIf(assembly, value, SIGN);
  // A shift by 7 bits to the right: one to the left, and a byte.
  double(assembly, value);
  storeBytes(assembly, layout.slant, value.slice(1));
}

/** RESULT = the centre, in 1/256 of a pixel. */
function centre(assembly: Assembly, sum: readonly Register[]): void {
  const { emit } = assembly;
  FIRST.forEach((register, byte) => emit('mov', r(register), r(sum[byte] ?? ZERO)));
  timesMass(assembly, 32);
  setDigits(assembly, CENTRE_BITS);
  assembly.call(RATIO, () => ({ digits: CENTRE_BITS }));
  double(assembly, RESULT);
}

/** `value −= count · step`. */
function subtractSteps(assembly: Assembly, value: readonly Register[], address: string, count: number): void {
  const { emit } = assembly;
  emit('lds', 'r24', address);
  emit('ldi', 'r25', count);
  emit('mul', 'r24', 'r25');
  combine(assembly, SUBTRACT, value, [0, 1]);
}

/** RESULT −= slants from the first row to the middle one. */
function subtractSlants(assembly: Assembly, { slant: address, height }: PreprocessingLayout): void {
  const { emit } = assembly;
  const value: readonly Register[] = [16, 17];
  loadBytes(assembly, value, address);
  emit('ldi', 'r24', height >> 1);
  const product: readonly Register[] = [20, 21];
  multiply(assembly, product, value, [24], ZERO);
  combine(assembly, SUBTRACT, RESULT, product);
}
