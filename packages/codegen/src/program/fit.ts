import { HIL } from '../hil-overhead.ts';
import { PREPROCESSING_FUNCTIONS } from '../preprocessing/names.ts';
import { type AvrProgram, flashBytes, stackBytes, staticBytes } from './avr.ts';

/** Of the ATmega328P (datasheet, section 8): RAM, and flash that an Uno's bootloader leaves. */
const RAM_BYTES = 2048;
const FLASH_BYTES = 32_256;

/** Flash of the program with the HIL program around it. Code begins at an even address behind the tables. */
export function firmwareFlashBytes(program: AvrProgram): number {
  return 2 * Math.ceil((flashBytes(program) + HIL.flashBytes) / 2);
}

/** Its deepest stack, should the interrupt come there. */
function firmwareStackBytes(program: AvrProgram): number {
  return HIL.callerStackBytes + stackBytes(program).peak + HIL.interruptStackBytes;
}

export function firmwareFits(program: AvrProgram): boolean {
  const ram = staticBytes(program) + firmwareStackBytes(program);
  return ram <= RAM_BYTES && firmwareFlashBytes(program) <= FLASH_BYTES;
}

/** Of the whole firmware but for what preprocesses images, which no way to compute layers changes; parameters not included. */
export function codeBytes(program: AvrProgram): number {
  const parameterBytes = program.steps.reduce((sum, { printed }) => sum + printed.parameterBytes, 0);
  return firmwareFlashBytes(program) - parameterBytes - preprocessingBytes(program);
}

function preprocessingBytes({ driver, shared }: AvrProgram): number {
  const functions = [...driver.map(({ name, assembly }) => ({ name, code: assembly })), ...shared];
  return functions
    .filter(({ name }) => PREPROCESSING_FUNCTIONS.includes(name))
    .reduce((sum, { code }) => sum + 2 * code.words, 0);
}
