import { watchdogConfig } from 'avr8js';
import { Atmega328p } from './cpu.ts';
import { CLOCK_HZ, DATA_SPACE_BYTES } from './memory-map.ts';
import { attachWatchdog, startWatchdog } from './watchdog.ts';

const { WDTCSR } = watchdogConfig;
const ONE_SECOND = 0x0e;
const OFF = 0;
const CHANGE = 0x18;

/** A chip that executes nothing but NOP, and the milliseconds after which the watchdog resets it; undefined if it does not within two seconds. */
function millisecondsUntilReset(configure: (cpu: Atmega328p) => void): number | undefined {
  const cpu = new Atmega328p(new Uint8Array(0), new Uint8Array(DATA_SPACE_BYTES));
  let wasReset = false;
  attachWatchdog(cpu, () => (wasReset = true));
  configure(cpu);
  while (!wasReset && cpu.cycles < 2 * CLOCK_HZ) {
    cpu.cycles = Math.max(cpu.cycles, Math.min(cpu.nextEventCycle, 2 * CLOCK_HZ) - 1);
    cpu.step();
  }
  return wasReset ? (1000 * cpu.cycles) / CLOCK_HZ : undefined;
}

test('it resets after the time that is set, and not when it is off', () => {
  const set = (value: number) => (cpu: Atmega328p) => {
    cpu.writeData(WDTCSR, CHANGE);
    cpu.writeData(WDTCSR, value);
  };
  expect(millisecondsUntilReset(set(ONE_SECOND))).toBeCloseTo(1024, 0);
  expect(millisecondsUntilReset(set(OFF))).toBeUndefined();
  expect(millisecondsUntilReset(startWatchdog)).toBeCloseTo(16, 0);
});

test('it is changed within four cycles of being asked, or not at all', () => {
  const late = (cpu: Atmega328p): void => {
    startWatchdog(cpu);
    cpu.writeData(WDTCSR, CHANGE);
    for (let nop = 0; nop < 5; nop++) cpu.step();
    cpu.writeData(WDTCSR, OFF);
  };
  expect(millisecondsUntilReset(late)).toBeCloseTo(16, 0);
});
