import { usart0Config, watchdogConfig } from 'avr8js';
import { attachAdc } from './adc.ts';
import { Atmega328p } from './cpu.ts';
import type { Executor } from './executor.ts';
import { findIdleLoop, type IdleLoop } from './idle-loop.ts';
import { DATA_SPACE_BYTES, FLASH_BYTES, IO_START, SRAM_START } from './memory-map.ts';
import { attachSelfProgramming, BOOT_START, type SelfProgramming } from './self-programming.ts';
import { attachTimers } from './timers.ts';
import { createTranslator } from './translation/executor.ts';
import { MEMORY_PAGES } from './translation/layout.ts';
import { attachUart, type Uart, type UartListener } from './uart.ts';
import { attachWatchdog, startWatchdog } from './watchdog.ts';

/** MCUSR's flag of each cause (datasheet, section 11.9.1). */
const RESET_FLAGS = { powerOn: 0x01, external: 0x02, watchdog: 0x08 } as const;
export type ResetCause = keyof typeof RESET_FLAGS;

const { MCUSR } = watchdogConfig;
const { UCSRA } = usart0Config;

/** How long the chip runs, in cycles, before it is looked at whether it idles: the less it does, the sooner. */
const SHORTEST_LOOK_CYCLES = 64;
const LONGEST_LOOK_CYCLES = 16_384;

/** All that begins anew with a reset. */
interface Core {
  readonly cpu: Atmega328p;
  readonly uart: Uart;
  readonly selfProgramming: SelfProgramming;
  executor: Executor;
}

/** An ATmega328P with the Uno's fuses: a reset starts the bootloader, which can program the flash; the watchdog resets. */
export class BootableChip {
  /** What the chip holds: 32,768 bytes. */
  readonly flash: Uint8Array<ArrayBuffer>;
  private readonly memory = new WebAssembly.Memory({ initial: MEMORY_PAGES, maximum: MEMORY_PAGES });
  private readonly data = new Uint8Array(this.memory.buffer, 0, DATA_SPACE_BYTES);
  private readonly listener: UartListener;
  private core: Core;
  private resetBy: ResetCause | undefined;
  private programChanged = false;
  private lookCycles = SHORTEST_LOOK_CYCLES;

  /** `flash`: the image at the start, of which a copy is made. */
  constructor(flash: Uint8Array, listener: UartListener) {
    this.flash = new Uint8Array(FLASH_BYTES).fill(0xff);
    this.flash.set(flash);
    this.listener = listener;
    this.core = this.start('powerOn', 0);
  }

  /** Clock cycles since power-on. */
  get cycles(): number {
    return this.core.cpu.cycles;
  }

  get uart(): Uart {
    return this.core.uart;
  }

  get isInBootloader(): boolean {
    return 2 * this.core.cpu.pc >= BOOT_START;
  }

  /** SRAM and registers outlive it, except for a power-on. */
  reset(cause: ResetCause): void {
    this.core = this.start(cause, this.cycles);
  }

  /**
   * Executes until `endTime`, in cycles, at least, or, with `untilWaiting`, until the program does nothing but wait for a character.
   *
   * @returns true if it waits for a character
   */
  run(endTime: number, untilWaiting = false): boolean {
    // The translator counts whole cycles.
    const endCycle = Math.ceil(endTime);
    let isWaiting = false;
    while (this.cycles < endCycle && !(untilWaiting && isWaiting)) {
      const { cpu, executor } = this.core;
      executor.run(Math.min(endCycle, cpu.cycles + this.lookCycles), () => this.isInterrupted());
      if (this.handleInterruption()) continue;
      const loop = findIdleLoop(cpu);
      this.lookCycles = loop ? SHORTEST_LOOK_CYCLES : Math.min(2 * this.lookCycles, LONGEST_LOOK_CYCLES);
      const listens = loop !== undefined && this.isWaitingForCharacter(loop);
      if (listens) this.listener.onReady();
      isWaiting = listens && this.uart.isReady;
      const hasCharacter = listens && !isWaiting;
      if (loop !== undefined && !hasCharacter && !(untilWaiting && isWaiting)) skipTurns(cpu, loop, endCycle);
      this.handleInterruption();
    }
    return isWaiting;
  }

  private isWaitingForCharacter({ polls }: IdleLoop): boolean {
    const { uart, selfProgramming } = this.core;
    return polls.includes(UCSRA) && uart.isReady && !uart.isTransmitting && !selfProgramming.isBusy;
  }

  private isInterrupted(): boolean {
    return this.programChanged || this.resetBy !== undefined;
  }

  private handleInterruption(): boolean {
    if (!this.isInterrupted()) return false;
    if (this.resetBy !== undefined) this.reset(this.resetBy);
    else this.core.executor = this.createExecutor(this.core.cpu);
    this.resetBy = undefined;
    this.programChanged = false;
    return true;
  }

  private start(cause: ResetCause, cycles: number): Core {
    const before = this.data.slice();
    const cpu = new Atmega328p(this.flash, this.data);
    if (cause !== 'powerOn') {
      this.data.set(before.subarray(0, IO_START));
      this.data.set(before.subarray(SRAM_START), SRAM_START);
      this.data[MCUSR] = before[MCUSR];
    }
    this.data[MCUSR] |= RESET_FLAGS[cause];
    cpu.pc = BOOT_START / 2;
    cpu.cycles = cycles;
    attachTimers(cpu);
    attachAdc(cpu);
    attachWatchdog(cpu, () => (this.resetBy = 'watchdog'));
    if (cause === 'watchdog') startWatchdog(cpu);
    return {
      cpu,
      uart: attachUart(cpu, this.listener),
      selfProgramming: attachSelfProgramming(cpu, this.flash, () => (this.programChanged = true)),
      executor: this.createExecutor(cpu),
    };
  }

  private createExecutor(cpu: Atmega328p): Executor {
    return createTranslator(cpu, this.memory);
  }
}

/** Passes as many turns of an idle loop as end before the next event, and before `endCycle`. */
function skipTurns(cpu: Atmega328p, loop: IdleLoop, endCycle: number): void {
  const turns = Math.floor((Math.min(cpu.nextEventCycle - 1, endCycle) - cpu.cycles) / loop.cycles);
  if (turns > 0) cpu.cycles += turns * loop.cycles;
}
