import { findOptiboot } from '../virtual-uno/optiboot.ts';

/** `describe` where Optiboot is installed; elsewhere the tests are skipped, and it is said why. */
export const describeWithOptiboot: typeof describe.skip = findOptiboot() === null ? describe.skip : describe;

if (findOptiboot() === null) {
  console.warn("skipped, the Uno's bootloader is not installed (Debian: `apt install arduino-core-avr`)");
}
