import { ATMEGA328P } from '../atmega328p.ts';

/** Datasheet, section 19.11: a receiver at double speed takes ±1.5 to 2 % of a sender that is exact. */
const LARGEST_ERROR = 0.02;

/** The firmware sets the lower byte of UBRR alone. */
const LARGEST_DIVIDER = 256;

/** What the chip's USART makes of a rate at double speed (datasheet, table 19-1): clock / (8 · (UBRR + 1)), to the nearest. */
export function actualBaudRate(baudRate: number): number {
  const divider = Math.min(LARGEST_DIVIDER, Math.max(1, Math.round(ATMEGA328P.clockHz / 8 / baudRate)));
  return ATMEGA328P.clockHz / 8 / divider;
}

/** Relative, signed. */
export function baudRateError(baudRate: number): number {
  return actualBaudRate(baudRate) / baudRate - 1;
}

/** @throws Error that names the neighbours, if the chip's clock cannot be divided down to it */
export function checkBaudRate(baudRate: number): void {
  const error = baudRateError(baudRate);
  if (Math.abs(error) <= LARGEST_ERROR) return;
  const nearest = Math.round(actualBaudRate(baudRate));
  throw new Error(
    `the chip cannot do ${baudRate} baud: dividing its 16 MHz gives ${nearest}, ${(100 * error).toFixed(1)} % off; take 1000000, 500000, 250000 or 38400`,
  );
}

const BITS_A_BYTE = 10;
const COMMAND_OVERHEAD_BYTES = 4;
const ROW_WANTED_BYTES = 6;
const RESULT_OVERHEAD_BYTES = 9;

/** Milliseconds that an image's frames, both ways, are on the wire (docs/protocol.md): begin, rows, their answers, result. */
export function wireMilliseconds(inputRows: number, inputRowBytes: number, logits: number, baudRate: number): number {
  const commands = COMMAND_OVERHEAD_BYTES + inputRows * (inputRowBytes + COMMAND_OVERHEAD_BYTES);
  const replies = inputRows * ROW_WANTED_BYTES + RESULT_OVERHEAD_BYTES + 4 * logits;
  return ((commands + replies) * BITS_A_BYTE * 1000) / baudRate;
}
