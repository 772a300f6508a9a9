import { ATMEGA328P } from './atmega328p.ts';

/**
 * The datasheet's only current near an Uno's operating point: active at 8 MHz and 5 V, typically 5.2 mA (at most 9 mA; table of
 * DC characteristics of the ATmega328P). Current is nearly proportional to the clock, so it gives a charge a cycle.
 */
const DATASHEET = { amperes: 5.2e-3, clockHz: 8_000_000, volts: 5 } as const;

/**
 * What the chip takes from a supply of 5 V for so many cycles at 16 MHz: 3.25 nJ each. An estimate: nothing is measured, chips differ,
 * and the rest of a board (USB chip, regulator, LEDs) takes several times as much.
 */
export function estimateMillijoules(cycles: number): number {
  return 1000 * cycles * DATASHEET.volts * (DATASHEET.amperes / DATASHEET.clockHz);
}

/** For people: what the estimate assumes. */
export const ENERGY_BASIS = `estimated: ${(DATASHEET.amperes * 1000 * ATMEGA328P.clockHz) / DATASHEET.clockHz} mA at 5 V, from the datasheet`;
