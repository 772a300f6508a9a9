import type { CPU } from 'avr8js';

const TCCR1B = 0x81;
const TCNT1L = 0x84;
const TCNT1H = 0x85;
const TIMSK1 = 0x6f;
const TIFR1 = 0x36;
const OVERFLOW = {
  address: 0x1a,
  flagRegister: TIFR1,
  flagMask: 1,
  enableRegister: TIMSK1,
  enableMask: 1,
};

/** Timer1 in normal mode, stopped or at the CPU's clock: counted when it is read, with one event an overflow. */
export function attachTimer1(cpu: CPU): void {
  let running = false;
  let count = 0;
  let since = 0;
  let highByte = 0;
  const overflow = (): void => {
    cpu.setInterruptFlag(OVERFLOW);
    cpu.addClockEvent(overflow, 0x10000);
  };
  const settle = (): void => {
    if (running) count = (count + cpu.cycles - since) & 0xffff;
    since = cpu.cycles;
  };
  const schedule = (): void => {
    cpu.clearClockEvent(overflow);
    if (running) cpu.addClockEvent(overflow, 0x10000 - count);
  };
  cpu.writeHooks[TCCR1B] = (value) => {
    settle();
    running = (value & 7) === 1;
    schedule();
    return false;
  };
  cpu.readHooks[TCNT1L] = () => {
    settle();
    cpu.data[TCNT1H] = count >> 8;
    return count & 0xff;
  };
  cpu.writeHooks[TCNT1H] = (value) => {
    highByte = value;
    return false;
  };
  cpu.writeHooks[TCNT1L] = (value) => {
    settle();
    count = (highByte << 8) | value;
    schedule();
    return false;
  };
  cpu.writeHooks[TIFR1] = (value) => {
    cpu.clearInterruptByFlag(OVERFLOW, value);
    return true;
  };
  cpu.writeHooks[TIMSK1] = (value) => {
    cpu.updateInterruptEnable(OVERFLOW, value);
    return false;
  };
}
