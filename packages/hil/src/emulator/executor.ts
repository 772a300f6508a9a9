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

/** Called after each instruction with its word address and the cycles it took, those of an interrupt taken after it included. */
export type InstructionListener = (address: number, cycles: number) => void;

/** The interpreter, watched. */
export function createWatchedInterpreter(cpu: Atmega328p, onInstruction: InstructionListener): Executor {
  return {
    run(endCycle, shouldStop) {
      do {
        const { pc, cycles } = cpu;
        cpu.step();
        onInstruction(pc, cpu.cycles - cycles);
      } while (cpu.cycles < endCycle && !shouldStop());
    },
  };
}
