import { AVRTimer, timer0Config, timer1Config, timer2Config } from 'avr8js';
import type { Atmega328p } from './cpu.ts';

const PHASE_CORRECT_MODES: readonly number[] = [1, 4]; // avr8js's TimerMode

/**
 * Timers 0, 1 and 2 of avr8js. It wakes a running timer at every tick, with prescaler 1 after every instruction. These sleep until
 * the next overflow or compare match, or until the firmware writes to the timer; nothing that a program can read differs.
 */
export function attachTimers(cpu: Atmega328p): void {
  for (const config of [timer0Config, timer1Config, timer2Config]) attachTimer(cpu, config);
}

function attachTimer(cpu: Atmega328p, config: typeof timer0Config): void {
  const timer = new AVRTimer(cpu, config);
  cpu.postponements.set(timer.count, (cycles) => cycles + (ticksToNextEvent(timer) - 1) * timer['divider']);
  const registers = [config.TCCRA, config.TCCRB, config.TCNT, config.OCRA, config.OCRB, config.ICR];
  for (const register of registers.filter((address) => cpu.writeHooks[address])) {
    const write = cpu.writeHooks[register];
    cpu.writeHooks[register] = (value, old, address, mask) => {
      if (timer['divider']) timer.count(false);
      const done = write(value, old, address, mask);
      cpu.updateClockEvent(timer.count, 0);
      return done;
    };
  }
}

/** Ticks from now to the first overflow or compare match. Phase-correct modes are left to avr8js, tick by tick. */
function ticksToNextEvent(timer: AVRTimer): number {
  const { debugTCNT: count, TOP } = timer;
  if (count > TOP || PHASE_CORRECT_MODES.includes(timer['timerMode'])) return 1;
  const matches = [timer['ocrA'], timer['ocrB']].filter((match) => match > count && match <= TOP);
  return Math.min(TOP + 1, ...matches) - count;
}
