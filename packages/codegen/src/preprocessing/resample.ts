import { PIXEL_OF_LEVEL, ROW_WEIGHT } from '@sparrow/model';
import type { Assembly } from '../assembly/assembly.ts';
import { loadImmediatePair, multiplyAdd } from '../assembly/idioms.ts';
import { r, type Register, X, Y, Z } from '../assembly/registers.ts';
import { SCRATCH } from '../scratch.ts';
import { ADD, combine, double, loadBytes, storeBytes } from './arithmetic.ts';
import type { PreprocessingLayout } from './layout.ts';

const ZERO: Register = 13;

/** Makes the next row of the normalised image; X has its address. */
export function resampleRow(assembly: Assembly, layout: PreprocessingLayout): void {
  const { emit } = assembly;
  const output: readonly Register[] = [4, 5];
  emit('clr', r(ZERO));
  emit('movw', r(output[0]), r(X));
  interpolateRows(assembly, layout);
  emit('movw', r(X), r(output[0]));
  interpolateColumns(assembly, layout);
  advance(assembly, layout);
}

/** `mask` = 255 if the row is in the image, else 0, and the row too. */
function clampRow({ emit }: Assembly, row: Register, height: Register, mask: Register): void {
  emit('cp', r(row), r(height));
  emit('sbc', r(mask), r(mask));
  emit('and', r(row), r(mask));
}

const [LOWER_WEIGHT, UPPER_WEIGHT]: readonly Register[] = [21, 22];

/** Leaves the row between two of the image in scratch memory, with a 0 behind it. */
function interpolateRows(assembly: Assembly, layout: PreprocessingLayout): void {
  chooseRows(assembly, layout);
  mixRows(assembly, layout);
}

/** Z and Y = addresses of the image's upper and lower row, with their weights; 0 for rows that are outside. */
function chooseRows(assembly: Assembly, layout: PreprocessingLayout): void {
  const { emit } = assembly;
  const [lower, upper, height, mask, scratch] = [16, 17, 18, 19, 20];
  loadBytes(assembly, [LOWER_WEIGHT, upper], layout.yPosition);
  emit('lsr', r(LOWER_WEIGHT));
  emit('lsr', r(LOWER_WEIGHT));
  emit('ldi', r(UPPER_WEIGHT), ROW_WEIGHT);
  emit('sub', r(UPPER_WEIGHT), r(LOWER_WEIGHT));
  emit('ldi', r(height), layout.height);
  emit('mov', r(lower), r(upper));
  emit('inc', r(lower));
  clampRow(assembly, lower, height, mask);
  emit('and', r(LOWER_WEIGHT), r(mask));
  clampRow(assembly, upper, height, mask);
  emit('and', r(UPPER_WEIGHT), r(mask));
  multiplyAdd(assembly, Y, layout.image, lower, layout.packedRowBytes, scratch);
  multiplyAdd(assembly, Z, layout.image, upper, layout.packedRowBytes, scratch);
}

function mixRows(assembly: Assembly, { packedRowBytes }: PreprocessingLayout): void {
  const { emit } = assembly;
  const [four, pixelOfLevel, count, upperPixels, lowerPixels, level, sum] = [16, 17, 18, 19, 20, 23, 24];
  loadImmediatePair(assembly, X, SCRATCH);
  emit('ldi', r(four), 4);
  emit('ldi', r(pixelOfLevel), PIXEL_OF_LEVEL);
  /** `level` = the next one, weighted. */
  const take = (pixels: Register, weight: Register): void => {
    emit('mul', r(pixels), r(four));
    emit('mov', r(pixels), 'r0');
    emit('mov', r(level), 'r1');
    emit('mul', r(level), r(weight));
  };
  assembly.repeat({ register: count }, packedRowBytes, count, () => {
    emit('ld', r(upperPixels), 'Z+');
    emit('ld', r(lowerPixels), 'Y+');
    for (let pixel = 0; pixel < 4; pixel++) {
      take(upperPixels, UPPER_WEIGHT);
      emit('mov', r(sum), 'r0');
      take(lowerPixels, LOWER_WEIGHT);
      emit('add', r(sum), 'r0');
      emit('mul', r(sum), r(pixelOfLevel));
      double(assembly, [0, 1]);
      double(assembly, [0, 1]);
      emit('st', 'X+', 'r1');
    }
  });
  emit('st', 'X+', r(ZERO));
}

function interpolateColumns(assembly: Assembly, layout: PreprocessingLayout): void {
  const { emit } = assembly;
  const position: readonly Register[] = [24, 25];
  const stepBytes: readonly Register[] = [20, 21];
  const base: readonly Register[] = [6, 7];
  const [column, width, count, left, right] = [16, 17, 18, 19, 28];
  const value: readonly Register[] = [22, 23];
  loadBytes(assembly, position, layout.xPosition);
  loadStep(assembly, stepBytes, layout.xStep);
  loadImmediatePair(assembly, Z, SCRATCH);
  emit('movw', r(base[0]), r(Z));
  emit('ldi', r(width), layout.width);
  /** The pixel of the row between rows, at `column`; 0 outside, as behind its end. */
  const load = (pixel: Register): void => {
    const inside = assembly.newLabel('inside');
    emit('cp', r(column), r(width));
    // Skips one instruction or does not: 2 cycles either way.
    emit('brlo', inside);
    emit('mov', r(column), r(width));
    assembly.label(inside);
    emit('movw', r(Z), r(base[0]));
    emit('add', r(Z), r(column));
    emit('adc', r(Z + 1), r(ZERO));
    emit('ld', r(pixel), 'Z');
  };
  assembly.repeat({ register: count }, layout.width, count, () => {
    emit('mov', r(column), r(position[1]));
    load(left);
    emit('mov', r(column), r(position[1]));
    emit('inc', r(column));
    load(right);
    emit('clr', r(value[0]));
    emit('mov', r(value[1]), r(left));
    emit('mul', r(left), r(position[0]));
    emit('sub', r(value[0]), 'r0');
    emit('sbc', r(value[1]), 'r1');
    emit('mul', r(right), r(position[0]));
    emit('add', r(value[0]), 'r0');
    emit('adc', r(value[1]), 'r1');
    emit('st', 'X+', r(value[1]));
    combine(assembly, ADD, position, stepBytes);
  });
}

/** To the next row. */
function advance(assembly: Assembly, layout: PreprocessingLayout): void {
  const position: readonly Register[] = [24, 25];
  const change: readonly Register[] = [20, 21];
  loadBytes(assembly, position, layout.xPosition);
  loadBytes(assembly, change, layout.slant);
  combine(assembly, ADD, position, change);
  storeBytes(assembly, layout.xPosition, position);
  loadBytes(assembly, position, layout.yPosition);
  loadStep(assembly, change, layout.yStep);
  combine(assembly, ADD, position, change);
  storeBytes(assembly, layout.yPosition, position);
}

/** From 1/128 of a pixel, as steps are kept, to 1/256, as positions are. */
function loadStep(assembly: Assembly, [low, high]: readonly Register[], address: string): void {
  assembly.emit('lds', r(low), address);
  assembly.emit('clr', r(high));
  double(assembly, [low, high]);
}
