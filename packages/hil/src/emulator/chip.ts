import { avrInstruction, AVRUSART, CPU, usart0Config } from 'avr8js';
import { attachTimer1 } from './timer1.ts';

/** An ATmega328P that executes a flash image: registers, 2 KB of SRAM, USART0 and Timer1. */
export interface EmulatedChip {
  /** Clock cycles since reset. */
  readonly cycles: number;
  /** Lowest value of SP since the program initialised it; RAMEND − it = peak stack in bytes. */
  readonly lowestStackPointer: number;
  /** Called with every byte that the chip transmits, during `run`. It may call `sendToChip`. */
  serialFromChip: (byte: number) => void;
  /** Queues bytes; each enters the emulated USART as soon as the firmware has taken the one before. */
  sendToChip(bytes: Uint8Array): void;
  /** Executes until `until()` holds (asked at the start and after each transmitted byte) or `maxCycles` more have passed. */
  run(until: () => boolean, maxCycles: number): void;
  /** The 2,048 bytes from 0x100 on: a live view. */
  readonly sram: Uint8Array;
  /** Power-on: program counter, peripherals, counters; the contents of SRAM are kept, as on the chip. */
  reset(): void;
}

const SRAM_START = 0x100;
const SRAM_BYTES = 2048;
const CLOCK_HZ = 16_000_000;
const RECEIVE_COMPLETE = 0x80;

/** `flash`: 32 KB image. */
export function createChip(flash: Uint8Array): EmulatedChip {
  const program = new Uint16Array(flash.slice().buffer);
  const cpu = new CPU(program, SRAM_BYTES);
  const usart = new AVRUSART(cpu, usart0Config, CLOCK_HZ);
  attachTimer1(cpu);
  const queue: number[] = [];
  let lowestStackPointer = cpu.SP;
  let transmitted = false;

  const deliver = (): void => {
    if (queue.length > 0 && (cpu.data[usart0Config.UCSRA] & RECEIVE_COMPLETE) === 0 && usart.rxEnable) {
      usart.writeByte(queue.shift() as number, true);
    }
  };
  const readData = cpu.readHooks[usart0Config.UDR];
  cpu.readHooks[usart0Config.UDR] = (address) => {
    const value = readData(address);
    deliver();
    return value;
  };
  const chip: EmulatedChip = {
    get cycles() {
      return cpu.cycles;
    },
    get lowestStackPointer() {
      return lowestStackPointer;
    },
    sram: cpu.data.subarray(SRAM_START, SRAM_START + SRAM_BYTES),
    serialFromChip: () => {},
    sendToChip(bytes) {
      queue.push(...bytes);
      deliver();
    },
    run(until, maxCycles) {
      const end = cpu.cycles + maxCycles;
      deliver();
      if (until()) return;
      while (cpu.cycles < end) {
        avrInstruction(cpu);
        cpu.tick();
        if (cpu.SP < lowestStackPointer) lowestStackPointer = cpu.SP;
        if (transmitted) {
          transmitted = false;
          deliver();
          if (until()) return;
        }
      }
    },
    reset() {
      cpu.reset();
      usart.reset();
      cpu.cycles = 0;
      lowestStackPointer = cpu.SP;
      queue.length = 0;
    },
  };
  usart.onConfigurationChange = deliver;
  usart.onByteTransmit = (byte) => {
    transmitted = true;
    chip.serialFromChip(byte);
  };
  return chip;
}
