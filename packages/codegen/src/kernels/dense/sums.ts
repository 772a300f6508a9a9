import type { Assembly } from '../../assembly/assembly.ts';
import { loadBias } from '../../biases.ts';
import { addToPair, loadImmediatePair } from '../../assembly/idioms.ts';
import { PRODUCT_HIGH, PRODUCT_LOW, r, type Register, Y } from '../../assembly/registers.ts';
import { type DenseShape, sumBytes } from './shape.ts';

/** Little-endian bytes of each unit's sum. */
export type Sums = readonly (readonly Register[])[];

/** From flash in the first row, then, as the T flag tells, from RAM. `scratch` as for `loadBias`. */
export function loadSums(assembly: Assembly, shape: DenseShape, sums: Sums, scratch: readonly Register[]): void {
  const { emit } = assembly;
  const fromFlash = (): void => {
    for (const sum of sums) loadBias(assembly, shape.bias, sum, scratch);
  };
  if (shape.rows === 1) return fromFlash();
  const [later, end] = [assembly.newLabel('later'), assembly.newLabel('loaded')];
  emit('brts', later);
  assembly.sometimes(
    ({ i }) => (i === 0 ? 1 : 0),
    () => {
      fromFlash();
      emit('rjmp', end);
    },
  );
  assembly.label(later);
  assembly.sometimes(
    ({ i }) => (i === 0 ? 0 : 1),
    () => {
      assembly.spend(1);
      forEachStoredByte(shape, sums, (byte, displacement) => {
        if (byte !== undefined) emit('ldd', r(byte), `Y+${displacement}`);
      });
    },
  );
  assembly.label(end);
}

/** Bytes of the sums as they lie behind Y; undefined those that no register has. */
function forEachStoredByte(
  { storedBytes }: DenseShape,
  sums: Sums,
  visit: (byte: Register | undefined, displacement: number) => void,
): void {
  sums.forEach((sum, unit) => {
    for (let byte = 0; byte < storedBytes; byte++) visit(sum[byte], unit * storedBytes + byte);
  });
}

export function storeSums(assembly: Assembly, shape: DenseShape, sums: Sums): void {
  forEachStoredByte(shape, sums, (byte, displacement) => {
    if (byte !== undefined) assembly.emit('std', `Y+${displacement}`, r(byte));
  });
  addToPair(assembly, Y, sums.length * shape.storedBytes);
}

/** `sums −= offset · total` at 24 bits. `extension` is 0. */
export function subtractTotal(
  { emit }: Assembly,
  sums: Sums,
  [low, high]: readonly [Register, Register],
  extension: Register,
  offset: number,
): void {
  emit('ldi', 'r23', offset);
  emit('mul', r(high), 'r23');
  emit('mov', r(high), r(PRODUCT_LOW));
  emit('mov', r(extension), r(PRODUCT_HIGH));
  emit('mul', r(low), 'r23');
  emit('mov', r(low), r(PRODUCT_LOW));
  emit('clr', 'r0');
  emit('add', r(high), r(PRODUCT_HIGH));
  emit('adc', r(extension), 'r0');
  for (const sum of sums) {
    emit('sub', r(sum[0]), r(low));
    emit('sbc', r(sum[1]), r(high));
    emit('sbc', r(sum[2]), r(extension));
  }
}

/** Four bytes each, sign extended. `scratch`: from r16 up. */
export function storeLogits(assembly: Assembly, sums: Sums, scratch: Register): void {
  const { emit } = assembly;
  for (const sum of sums) {
    for (const byte of sum) emit('st', 'Y+', r(byte));
    if (sum.length < 4) signOf(assembly, scratch, sum[sum.length - 1]);
    for (let byte = sum.length; byte < 4; byte++) emit('st', 'Y+', r(scratch));
  }
}

/** 0 or −1; `to` from r16 up. */
function signOf({ emit }: Assembly, to: Register, top: Register): void {
  emit('ldi', r(to), 0);
  emit('sbrc', r(top), 7);
  emit('ldi', r(to), 255);
}

/** After the last row: logits get their signs. */
export function extendSums(assembly: Assembly, shape: DenseShape): void {
  const { emit } = assembly;
  const bytes = sumBytes(shape);
  if (bytes === 4) return;
  loadImmediatePair(assembly, Y, shape.sums);
  assembly.repeat({ register: 24 }, shape.units, 24, () => {
    emit('ldd', 'r25', `Y+${bytes - 1}`);
    signOf(assembly, 23, 25);
    for (let byte = bytes; byte < 4; byte++) emit('std', `Y+${byte}`, 'r23');
    addToPair(assembly, Y, 4);
  });
}
