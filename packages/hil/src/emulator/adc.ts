import { adcConfig, AVRADC } from 'avr8js';
import type { CPU } from 'avr8js';

/** An Uno's, from USB. */
const SUPPLY_VOLTS = 5;

/** avr8js's analog-to-digital converter with nothing at its pins: what it can convert is the bandgap reference of exactly 1.1 V. */
export function attachAdc(cpu: CPU): void {
  const adc = new AVRADC(cpu, adcConfig);
  adc.avcc = SUPPLY_VOLTS;
}
