/** Signature bytes, from the datasheets' sections on memory programming. */
export const ATMEGA328P_SIGNATURE = '1E 95 0F';

const NAMES: Readonly<Record<string, string>> = {
  [ATMEGA328P_SIGNATURE]: 'ATmega328P',
  '1E 95 14': 'ATmega328',
  '1E 95 16': 'ATmega328PB',
  '1E 94 06': 'ATmega168',
  '1E 94 0B': 'ATmega168P',
  '1E 93 07': 'ATmega8',
  '1E 93 0A': 'ATmega88',
  '1E 95 87': 'ATmega32U4',
  '1E 97 03': 'ATmega1280',
  '1E 98 01': 'ATmega2560',
};

/** `1E 98 01 (ATmega2560)` */
export function describeSignature(signature: string): string {
  const name = NAMES[signature];
  return name === undefined ? signature : `${signature} (${name})`;
}

export function formatSignature(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(' ');
}

/** In one line. */
export function wrongBoard(path: string, signature: string): Error {
  return new Error(
    `the board at ${path} is none with an ATmega328P (signature ${ATMEGA328P_SIGNATURE}), its chip says ${describeSignature(signature)}: plug in an Uno`,
  );
}

/** In one line. */
export function silentBootloader(path: string): Error {
  return new Error(
    `the bootloader of the board at ${path} is silent: is it an Uno, is nothing wired to its pins 0 and 1, is it the right port?`,
  );
}
