import { attachAdc } from './adc.ts';
import { Atmega328p } from './cpu.ts';
import { createInterpreter, createWatchedInterpreter, type Executor, type InstructionListener } from './executor.ts';
import { MEMORY_PAGES } from './translation/layout.ts';
import { DATA_SPACE_BYTES, FLASH_BYTES, SRAM_BYTES, SRAM_START } from './memory-map.ts';
import { attachSerial } from './serial.ts';
import { attachTimers } from './timers.ts';
import { createTranslator } from './translation/executor.ts';

/** An ATmega328P that executes a flash image: registers, 2 KB of SRAM, USART0, timers 0 to 2, the ADC. */
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
}

/** `translated` is fast, `interpreter` is its reference; what they compute and count is the same. */
export const EXECUTORS = ['translated', 'interpreter'] as const;
export type ExecutorName = (typeof EXECUTORS)[number];

export interface ChipOptions {
  /** Default: `translated`. */
  readonly executor?: ExecutorName;
  /** Of `translated`: how often an address is jumped to before the code there is translated. */
  readonly translateAfter?: number;
  /** Has the interpreter execute, whatever `executor` says. */
  readonly onInstruction?: InstructionListener;
}

/** `flash`: the image from address 0 on, at most 32,768 bytes. */
export function createChip(flash: Uint8Array, options: ChipOptions = {}): EmulatedChip {
  if (flash.length > FLASH_BYTES) {
    throw new Error(`flash image has ${flash.length} B, the ATmega328P holds ${FLASH_BYTES}: build a smaller firmware`);
  }
  const memory = new WebAssembly.Memory({ initial: MEMORY_PAGES, maximum: MEMORY_PAGES });
  const cpu = new Atmega328p(flash, new Uint8Array(memory.buffer, 0, DATA_SPACE_BYTES));
  attachTimers(cpu);
  attachAdc(cpu);
  const serial = attachSerial(cpu, (byte) => {
    transmitted = true;
    chip.serialFromChip(byte);
  });
  const executor = createExecutor(cpu, memory, options);
  let transmitted = false;
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
            `firmware did not finish within ${maxCycles} cycles (now at flash address ${address}): it hangs, or needs more`,
          );
        }
        transmitted = false;
        executor.run(endCycle, hasTransmitted);
      }
    },
    sram: cpu.data.subarray(SRAM_START, SRAM_START + SRAM_BYTES),
  };
  return chip;
}

function createExecutor(
  cpu: Atmega328p,
  memory: WebAssembly.Memory,
  { executor = 'translated', translateAfter, onInstruction }: ChipOptions,
): Executor {
  if (onInstruction) return createWatchedInterpreter(cpu, onInstruction);
  return executor === 'translated' ? createTranslator(cpu, memory, translateAfter) : createInterpreter(cpu);
}
