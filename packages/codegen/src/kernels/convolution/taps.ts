import type { Assembly } from '../../assembly/assembly.ts';
import { addToPair } from '../../assembly/idioms.ts';
import { r, type Register, X } from '../../assembly/registers.ts';

/** Neighbouring output pixels under one row of taps of one channel. */
export interface TapGeometry {
  readonly pixels: number;
  readonly kernelWidth: number;
  readonly stride: number;
  readonly columnStride: number;
  readonly pixelPointer: Register;
  /** Pixels are read with displacement from Y, beginning with this one; undefined if the pointer itself walks. */
  readonly displacement?: number;
  /** By how much the pointer moves on behind the row of taps; undefined if nothing follows. */
  readonly step?: number;
}

/** Loads each input pixel of the row once, for all output pixels that have a tap on it, and moves on. */
export function emitTaps(
  assembly: Assembly,
  { pixels, kernelWidth, stride, columnStride, pixelPointer, displacement, step }: TapGeometry,
  pixel: Register,
  use: (position: number, uses: readonly { readonly output: number; readonly tap: number }[]) => void,
): void {
  const span = (pixels - 1) * stride + kernelWidth;
  let at = 0;
  for (let position = 0; position < span; position++) {
    const uses = Array.from({ length: kernelWidth }, (_, tap) => ({ tap, output: (position - tap) / stride })).filter(
      ({ output }) => Number.isInteger(output) && output >= 0 && output < pixels,
    );
    if (uses.length === 0) continue;
    const address = position * columnStride;
    if (displacement !== undefined) assembly.emit('ldd', r(pixel), `Y+${displacement + address}`);
    else {
      addToPair(assembly, pixelPointer, address - at);
      assembly.emit('ld', r(pixel), pixelPointer === X ? 'X+' : 'Y+');
      at = address + 1;
    }
    use(position, uses);
  }
  if (step !== undefined) addToPair(assembly, pixelPointer, step - at);
}
