import type { Assembly } from '../../assembly/assembly.ts';
import { copy } from '../../assembly/idioms.ts';
import { PRODUCT_HIGH, PRODUCT_LOW, r, type Register } from '../../assembly/registers.ts';
import { isByteFloatLayout } from '../../requantization.ts';
import type { RequantizeRegisters } from '../requantize.ts';
import type { ConvolutionShape } from './shape.ts';

/** The hidden bit of a byte's float that is no denormal. */
const HIDDEN = 16;

/** The multiplier at Z, which moves on. Clobbers the result's register, which holds nothing yet. */
export function loadMultiplier(assembly: Assembly, shape: ConvolutionShape, registers: RequantizeRegisters): void {
  const { emit } = assembly;
  if (isByteFloatLayout(shape.multiplier)) return loadByteFloat(assembly, shape, registers);
  for (const byte of registers.multiplier) emit('lpm', r(byte), 'Z+');
}

/**
 * Byte `e·16 + m` to (16 + m) · 2^(e − 1), or to m if e is 0: by a multiplication and a move by 8 bits, in the same time whatever the byte is,
 * and with no other registers than those that requantise afterwards. What no multiplier of the layer needs is left out.
 */
function loadByteFloat(
  assembly: Assembly,
  { smallestMultiplier, largestMultiplier }: ConvolutionShape,
  { result, multiplier: [low, high], zero }: RequantizeRegisters,
): void {
  const { emit } = assembly;
  const unlessDenormal = (): void => {
    if (smallestMultiplier < HIDDEN) emit('cpse', r(low), r(zero));
  };
  emit('lpm', r(result), 'Z+');
  emit('mov', r(low), r(result));
  emit('andi', r(result), HIDDEN - 1);
  emit('eor', r(low), r(result));
  unlessDenormal();
  emit('ori', r(result), HIDDEN);
  emit('mov', r(high), r(result));
  emit('swap', r(low));
  unlessDenormal();
  emit('dec', r(low));
  emitPowerOfTwo(assembly, result, low);
  emit('mul', r(high), r(result));
  if (largestMultiplier >= HIDDEN << 8) {
    emit('sbrc', r(low), 3);
    emit('mov', r(PRODUCT_HIGH), r(PRODUCT_LOW));
    emit('sbrc', r(low), 3);
    emit('mov', r(PRODUCT_LOW), r(zero));
  }
  copy(assembly, [low, high], [PRODUCT_LOW, PRODUCT_HIGH]);
}

/** `power = 2^(the lowest three bits of exponent)`, `power` from r16 up. */
function emitPowerOfTwo({ emit }: Assembly, power: Register, exponent: Register): void {
  emit('ldi', r(power), 1);
  emit('sbrc', r(exponent), 1);
  emit('ldi', r(power), 4);
  emit('sbrc', r(exponent), 0);
  emit('lsl', r(power));
  emit('sbrc', r(exponent), 2);
  emit('swap', r(power));
}
