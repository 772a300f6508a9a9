import { Atmega328p } from './cpu.ts';
import type { Executor } from './executor.ts';
import { createInterpreter } from './executor.ts';
import { DATA_SPACE_BYTES, FLASH_BYTES, SRAM_BYTES, SRAM_START } from './memoryMap.ts';
import type { SerialLine } from './serial.ts';
import { attachSerial } from './serial.ts';
import { attachTimers } from './timers.ts';

/** An ATmega328P that executes a flash image: registers, 2 KB of SRAM, USART0 and timers 0 to 2. */
export interface EmulatedChip {
  /** Clock cycles since reset. */
  readonly cycles: number;
  /** Lowest value that SP had since reset; RAMEND − it = peak stack in bytes. */
  readonly lowestStackPointer: number;
  /** Called with every byte that the chip transmits, during `run`. It may call `sendToChip`. */
  serialFromChip: (byte: number) => void;
  /** Queues bytes; each enters the emulated USART as soon as the firmware has taken the one before: no overrun, no waiting for the line. */
  sendToChip(bytes: Uint8Array): void;
  /**
   * Executes until `until()` holds, which is asked at the start and after each transmitted byte.
   * Throws if `maxCycles` more cycles pass before.
   */
  run(until: () => boolean, maxCycles: number): void;
  /** The 2,048 bytes from 0x100 on: a live view. */
  readonly sram: Uint8Array;
  /** Power-on: program counter, registers, SRAM, peripherals, counters and what waits to be received. */
  reset(): void;
}

/** `flash`: the image from address 0 on, at most 32,768 bytes. */
export function createChip(
  flash: Uint8Array,
  createExecutor: (cpu: Atmega328p) => Executor = createInterpreter,
): EmulatedChip {
  if (flash.length > FLASH_BYTES) {
    throw new Error(`flash image has ${flash.length} B, the ATmega328P holds ${FLASH_BYTES}: build a smaller firmware`);
  }
  const data = new Uint8Array(DATA_SPACE_BYTES);
  let cpu: Atmega328p;
  let serial: SerialLine;
  let executor: Executor;
  let transmitted = false;
  const powerOn = (): void => {
    cpu = new Atmega328p(flash, data);
    attachTimers(cpu);
    serial = attachSerial(cpu, (byte) => {
      transmitted = true;
      chip.serialFromChip(byte);
    });
    executor = createExecutor(cpu);
  };
  const hasTransmitted = (): boolean => transmitted;
  const chip: EmulatedChip = {
    get cycles() {
      return cpu.cycles;
    },
    get lowestStackPointer() {
      return cpu.lowestStackPointer;
    },
    serialFromChip: () => {},
    sendToChip: (bytes) => serial.send(bytes),
    run(until, maxCycles) {
      const endCycle = cpu.cycles + maxCycles;
      while (!until()) {
        if (cpu.cycles >= endCycle) {
          const address = `0x${(2 * cpu.pc).toString(16)}`;
          throw new Error(
            `firmware did not finish within ${maxCycles} cycles (at flash address ${address}): it hangs, or allow it more`,
          );
        }
        transmitted = false;
        executor.run(endCycle, hasTransmitted);
      }
    },
    sram: data.subarray(SRAM_START, SRAM_START + SRAM_BYTES),
    reset: powerOn,
  };
  powerOn();
  return chip;
}
