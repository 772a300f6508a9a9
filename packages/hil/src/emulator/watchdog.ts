import { AVRClock, AVRWatchdog, watchdogConfig } from 'avr8js';
import type { CPU } from 'avr8js';
import { CLOCK_HZ } from './memory-map.ts';

const { WDTCSR } = watchdogConfig;
const CHANGE_ENABLE = 0x10;
const RESET_ENABLE = 0x08;

/** avr8js's watchdog. Where it would reset the CPU in the middle of an event, it calls `onReset`. */
export function attachWatchdog(cpu: CPU, onReset: () => void): void {
  new AVRWatchdog(cpu, watchdogConfig, new AVRClock(cpu, CLOCK_HZ));
  cpu.reset = onReset;
}

/** As a watchdog reset leaves it: running, at 16 ms (datasheet, section 11.9.2: WDE is set while WDRF is). */
export function startWatchdog(cpu: CPU): void {
  cpu.writeData(WDTCSR, CHANGE_ENABLE | RESET_ENABLE);
  cpu.writeData(WDTCSR, RESET_ENABLE);
}
