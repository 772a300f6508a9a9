import { AVRUSART, usart0Config } from 'avr8js';
import type { CPU } from 'avr8js';
import { CLOCK_HZ } from './memory-map.ts';

const { UCSRA, UCSRB, UDR } = usart0Config;
const RECEIVE_COMPLETE = 0x80;
const TRANSMIT_COMPLETE = 0x40;
const WRITABLE_STATUS = 0x03;

export interface SerialLine {
  /** Queues bytes. Each arrives at the moment when the firmware has taken the one before: the line is never slower than the firmware. */
  send(bytes: Uint8Array): void;
}

/**
 * avr8js's USART0. `onTransmit` is called at the instruction that writes UDR0; the byte occupies the transmitter for as long as the
 * firmware's baud rate says.
 */
export function attachSerial(cpu: CPU, onTransmit: (byte: number) => void): SerialLine {
  const usart = new AVRUSART(cpu, usart0Config, CLOCK_HZ);
  const queue: Uint8Array[] = [];
  let taken = 0;
  const deliver = (): void => {
    if (queue.length === 0 || !usart['rxEnable'] || cpu.data[UCSRA] & RECEIVE_COMPLETE) return;
    usart.writeByte(queue[0][taken++], true);
    if (taken === queue[0].length) {
      queue.shift();
      taken = 0;
    }
  };
  usart.onByteTransmit = onTransmit;
  keepStatusFlags(cpu, usart);

  const writeControl = cpu.writeHooks[UCSRB];
  cpu.writeHooks[UCSRB] = (value, ...rest) => {
    const done = writeControl(value, ...rest);
    deliver();
    return done;
  };
  const readData = cpu.readHooks[UDR];
  cpu.readHooks[UDR] = (address) => {
    const byte = readData(address);
    deliver();
    return byte;
  };
  return {
    send(bytes) {
      if (bytes.length > 0) queue.push(bytes.slice());
      deliver();
    },
  };
}

/** avr8js drops status flags when UCSR0A is written, and a received byte when UCSR0B is; the chip does not (datasheet, section 19.10). */
export function keepStatusFlags(cpu: CPU, usart: AVRUSART): void {
  const writeStatus = cpu.writeHooks[UCSRA];
  cpu.writeHooks[UCSRA] = (value, old, ...rest) => {
    const done = writeStatus(value, old, ...rest);
    cpu.data[UCSRA] |= old & ~WRITABLE_STATUS & ~(value & TRANSMIT_COMPLETE);
    return done;
  };
  const writeControl = cpu.writeHooks[UCSRB];
  cpu.writeHooks[UCSRB] = (value, ...rest) => {
    const received = cpu.data[UCSRA] & RECEIVE_COMPLETE;
    const done = writeControl(value, ...rest);
    if (received && usart['rxEnable']) cpu.setInterruptFlag(usart['RXC']);
    return done;
  };
}
