import { usart0Config } from 'avr8js';
import { Atmega328p } from './cpu.ts';
import { DATA_SPACE_BYTES } from './memory-map.ts';
import { attachUart, type Uart } from './uart.ts';

const { UCSRA, UCSRB, UDR, UBRRL } = usart0Config;
const RECEIVE_COMPLETE = 0x80;
const FRAME_ERROR = 0x10;
const DATA_OVERRUN = 0x08;
const DOUBLE_SPEED = 0x02;
const RECEIVER_AND_TRANSMITTER = 0x18;

interface Setup {
  readonly cpu: Atmega328p;
  readonly uart: Uart;
  readonly sent: number[];
  ready(): number;
}

function setUp(): Setup {
  const cpu = new Atmega328p(new Uint8Array(0), new Uint8Array(DATA_SPACE_BYTES));
  const sent: number[] = [];
  let ready = 0;
  const uart = attachUart(cpu, { onTransmit: (byte) => sent.push(byte), onReady: () => ready++ });
  cpu.writeData(UCSRA, DOUBLE_SPEED);
  cpu.writeData(UBRRL, 16);
  cpu.writeData(UCSRB, RECEIVER_AND_TRANSMITTER);
  return { cpu, uart, sent, ready: () => ready };
}

const receive = (uart: Uart, ...bytes: number[]): void =>
  bytes.forEach((byte) => uart.receive({ byte, frameError: false }));

/** Status and byte of each character that the receiver holds. */
function readAll(cpu: Atmega328p): (readonly [status: number, byte: number])[] {
  const read: (readonly [number, number])[] = [];
  while (cpu.data[UCSRA] & RECEIVE_COMPLETE) {
    const status = cpu.data[UCSRA] & (FRAME_ERROR | DATA_OVERRUN);
    read.push([status, cpu.readData(UDR)]);
  }
  return read;
}

test('three characters wait; of a fourth and fifth, the last survives and tells that some were lost', () => {
  const { cpu, uart } = setUp();
  receive(uart, 1, 2, 3);
  expect(readAll(cpu)).toEqual([1, 2, 3].map((byte) => [0, byte]));
  receive(uart, 1, 2, 3, 4, 5);
  expect(readAll(cpu).map(([, byte]) => byte)).toEqual([1, 2, 5]);
});

test('a frame error belongs to its character', () => {
  const { cpu, uart } = setUp();
  receive(uart, 1);
  uart.receive({ byte: 2, frameError: true });
  receive(uart, 3);
  expect(readAll(cpu)).toEqual([
    [0, 1],
    [FRAME_ERROR, 2],
    [0, 3],
  ]);
});

test('a receiver that is off hears nothing and forgets what it held', () => {
  const { cpu, uart } = setUp();
  receive(uart, 1, 2);
  cpu.writeData(UCSRB, 0);
  receive(uart, 3);
  expect(uart.isReady).toBe(false);
  cpu.writeData(UCSRB, RECEIVER_AND_TRANSMITTER);
  expect(uart.isReady).toBe(true);
  expect(readAll(cpu)).toEqual([]);
});

test('the line is told when the last character has been taken', () => {
  const { cpu, uart, ready } = setUp();
  receive(uart, 1, 2);
  cpu.readData(UDR);
  expect(ready()).toBe(0);
  cpu.readData(UDR);
  expect(ready()).toBe(1);
});

test('a frame leaves after ten bits at the rate that is set', () => {
  const { cpu, uart, sent } = setUp();
  expect(uart.baudRate).toBe(117_647);
  cpu.writeData(UDR, 0x5a);
  while (uart.isTransmitting) cpu.step();
  // The transmitter's own event falls on the same cycle, and avr8js has one an instruction.
  expect({ sent, cycles: cpu.cycles }).toEqual({ sent: [0x5a], cycles: 10 * 8 * 17 + 1 });
});
