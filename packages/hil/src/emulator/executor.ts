import type { Atmega328p } from './cpu.ts';

/** Executes the CPU's program. All executors stop at the same instruction with the same state. */
export interface Executor {
  /** Executes at least one instruction, until `cpu.cycles >= endCycle` or `shouldStop()`, asked after each instruction that writes to a peripheral. */
  run(endCycle: number, shouldStop: () => boolean): void;
}

/** Instruction by instruction through avr8js: slow, and the reference for the other executor. */
export function createInterpreter(cpu: Atmega328p): Executor {
  return {
    run(endCycle, shouldStop) {
      do cpu.step();
      while (cpu.cycles < endCycle && !shouldStop());
    },
  };
}
