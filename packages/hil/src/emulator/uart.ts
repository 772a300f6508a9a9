import { AVRUSART, usart0Config } from 'avr8js';
import type { CPU } from 'avr8js';
import { CLOCK_HZ } from './memory-map.ts';
import { keepStatusFlags } from './serial.ts';

const { UCSRA, UCSRB, UDR } = usart0Config;
const RECEIVE_COMPLETE = 0x80;
const FRAME_ERROR = 0x10;
const DATA_OVERRUN = 0x08;

/** UDR0 is two characters deep, and one more waits in the shift register (datasheet, section 19.8). */
const RECEIVER_CHARACTERS = 3;

/** What a receiver makes of a frame on the line. */
export interface Character {
  readonly byte: number;
  /** There was no stop bit where it should have been. */
  readonly frameError: boolean;
}

/** USART0 as the line sees it. */
export interface Uart {
  /** In baud, as the firmware has set it. */
  readonly baudRate: number;
  /** True if the receiver is on and holds no character. */
  readonly isReady: boolean;
  /** True while a frame is being sent. */
  readonly isTransmitting: boolean;
  /** A frame has ended on RXD. It is lost if the receiver is off or full. */
  receive(character: Character): void;
}

export interface UartListener {
  /** A frame has left TXD. */
  onTransmit(byte: number): void;
  /** The receiver has room: the program has taken the last character that it held, or waits for one. */
  onReady(): void;
}

/** avr8js's USART0 with the receiver's buffer and its errors, FE0 and DOR0. */
export function attachUart(cpu: CPU, listener: UartListener): Uart {
  const usart = new AVRUSART(cpu, usart0Config, CLOCK_HZ);
  const waiting: Character[] = [];
  let overrun = false;
  let framesUnderWay = 0;

  const isFull = (): boolean => (cpu.data[UCSRA] & RECEIVE_COMPLETE) !== 0;
  const load = (): void => {
    const character = waiting.shift();
    cpu.data[UCSRA] &= ~(FRAME_ERROR | DATA_OVERRUN);
    if (character === undefined) return;
    usart.writeByte(character.byte, true);
    cpu.data[UCSRA] |= (character.frameError ? FRAME_ERROR : 0) | (overrun ? DATA_OVERRUN : 0);
    overrun = false;
  };
  usart.onByteTransmit = (byte) => {
    framesUnderWay++;
    cpu.addClockEvent(() => {
      framesUnderWay--;
      listener.onTransmit(byte);
    }, usart['cyclesPerChar']);
  };
  keepStatusFlags(cpu, usart);

  const readData = cpu.readHooks[UDR];
  cpu.readHooks[UDR] = (address) => {
    const byte = readData(address);
    load();
    if (!isFull()) listener.onReady();
    return byte;
  };
  const writeControl = cpu.writeHooks[UCSRB];
  cpu.writeHooks[UCSRB] = (value, ...rest) => {
    const done = writeControl(value, ...rest);
    if (usart['rxEnable']) return done;
    waiting.length = 0;
    cpu.clearInterrupt(usart['RXC']);
    return done;
  };
  return {
    get baudRate() {
      return usart.baudRate;
    },
    get isReady() {
      return usart['rxEnable'] && !isFull();
    },
    get isTransmitting() {
      return framesUnderWay > 0;
    },
    receive(character) {
      if (!usart['rxEnable']) return;
      if (waiting.length + (isFull() ? 1 : 0) === RECEIVER_CHARACTERS) {
        waiting.pop();
        overrun = true;
      }
      waiting.push(character);
      if (!isFull()) load();
    },
  };
}
