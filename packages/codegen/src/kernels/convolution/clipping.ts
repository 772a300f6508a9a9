import type { Assembly, Environment } from '../../assembly/assembly.ts';
import { r, type Register } from '../../assembly/registers.ts';
import type { ConvolutionShape } from './shape.ts';

/** 1 in iterations in which rows of the window are outside of the image, else 0. */
function isClipped(kernelHeight: number): (environment: Environment) => number {
  return ({ taps }) => (taps < kernelHeight ? 1 : 0);
}

/** Rows of the window that are outside of the image at times. */
export function clippedRows({ kernelHeight, mostAbove, mostBelow }: ConvolutionShape): number[] {
  return Array.from({ length: kernelHeight }, (_, row) => row).filter(
    (row) => row < mostAbove || row >= kernelHeight - mostBelow,
  );
}

/**
 * Most iterations have all rows of the window inside of the image: for those the T flag is set as long as the step runs. `register`, from
 * r16 up, holds `whole` in them only.
 */
export function setWhole(assembly: Assembly, register: Register, whole: number): void {
  const end = assembly.newLabel('clipped');
  assembly.emit('cpi', r(register), whole);
  assembly.emit('clt');
  assembly.emit('brne', end);
  assembly.emit('set');
  assembly.label(end);
}

/** Jumps to `target` if all rows are inside; `body` is for the other iterations, and falls through to what follows. */
export function unlessWhole(assembly: Assembly, kernelHeight: number, target: string, body: () => void): void {
  const clipped = isClipped(kernelHeight);
  assembly.emit('brts', target);
  assembly.spend((environment) => 1 - clipped(environment));
  assembly.sometimes(clipped, body);
}

/** What only iterations with rows outside of the image need. */
export function whenClipped(assembly: Assembly, kernelHeight: number, body: () => void): void {
  const end = assembly.newLabel('whole');
  unlessWhole(assembly, kernelHeight, end, body);
  assembly.label(end);
}
