import { discoverRegion, type ControlFlow } from './control-flow.ts';
import type { Atmega328p } from '../cpu.ts';
import type { Executor } from '../executor.ts';
import { createDecoder, type Instruction } from './instructions.ts';
import { BUDGET, ENTRIES, FLASH, INTERRUPT_PENDING, LEAVE, LOWEST_STACK_POINTER, MEMORY_PAGES } from './layout.ts';
import { DATA_SPACE_BYTES, FLASH_WORDS, INTERRUPTS_ENABLED, SPH, SPL, SREG } from '../memory-map.ts';
import { translateRegion } from './translator.ts';
import { encodeModule, type WasmFunction } from './wasm-module.ts';
import * as wasm from './wasm.ts';

/** By measurement: with 100, networks that run for three images take twice as long; with 3000, long runs become slower, too. */
const TRANSLATE_AFTER = 1000;
const LARGEST_BUDGET = 0x3fff_ffff;

/**
 * Executes blocks of translated code wherever they end before the next clock event and no interrupt can be taken, and single
 * instructions through the interpreter's `step` everywhere else: at events and interrupts, where peripherals listen, and where code
 * has not been arrived at `translateAfter` times by jumps. `cpu.data` has to be the start of `memory`. When the program changes, make
 * another translator.
 */
export function createTranslator(
  cpu: Atmega328p,
  memory: WebAssembly.Memory,
  translateAfter = TRANSLATE_AFTER,
): Executor {
  const state = new Int32Array(memory.buffer);
  const entries = new Int32Array(memory.buffer, ENTRIES, FLASH_WORDS);
  const arrivals = new Uint32Array(FLASH_WORDS);
  entries.fill(0);
  new Uint8Array(memory.buffer).set(cpu.progBytes, FLASH);
  const code = new TranslatedCode(cpu, memory, entries);

  /** Runs translated code at PC if there is some that may run; false if nothing was executed. */
  const runTranslated = (endCycle: number): boolean => {
    if (entries[cpu.pc] === 0) return false;
    const interruptPending = cpu.nextInterrupt >= 0;
    if (interruptPending && cpu.data[SREG] & INTERRUPTS_ENABLED) return false;
    const budget = Math.min(cpu.nextEventCycle - cpu.cycles, endCycle - cpu.cycles, LARGEST_BUDGET);
    if (budget <= 0) return false;
    state[BUDGET >> 2] = budget;
    state[LOWEST_STACK_POINTER >> 2] = cpu.lowestStackPointer;
    state[INTERRUPT_PENDING >> 2] = interruptPending ? 1 : 0;
    cpu.pc = code.enter(cpu.pc);
    const spent = budget - state[BUDGET >> 2];
    if (spent === 0) return false;
    cpu.cycles += spent;
    cpu.lowestStackPointer = state[LOWEST_STACK_POINTER >> 2];
    cpu.tick();
    return true;
  };

  const interpret = (): void => {
    const { pc } = cpu;
    cpu.step();
    const jumped = cpu.pc < pc || cpu.pc > pc + 3;
    if (jumped && entries[cpu.pc] === 0 && ++arrivals[cpu.pc] === translateAfter) code.translateFrom(cpu.pc);
  };

  return {
    run(endCycle, shouldStop) {
      do {
        if (!runTranslated(endCycle)) interpret();
      } while (cpu.cycles < endCycle && !shouldStop());
    },
  };
}

type Runner = (argument: number) => number;

/** The translated functions of one program, in WebAssembly instances that share the chip's memory and call each other through a table. */
class TranslatedCode {
  /** Executes from a translated address on; returns the address at which the interpreter has to go on. */
  readonly enter: Runner;
  private readonly flow: ControlFlow;
  private readonly memory: WebAssembly.Memory;
  private readonly entries: Int32Array;
  private readonly table = new WebAssembly.Table({ element: 'anyfunc', initial: 1 });

  constructor(cpu: Atmega328p, memory: WebAssembly.Memory, entries: Int32Array) {
    this.flow = {
      decode: createDecoder(cpu.progMem),
      isInterpreted: (instruction) => isInterpreted(cpu, instruction),
      isKnown: (address) => entries[address] !== 0,
    };
    this.memory = memory;
    this.entries = entries;
    this.enter = this.instantiate(DISPATCHER);
  }

  /** Translates what can be reached from `address` without calls, and is not translated yet. */
  translateFrom(address: number): void {
    const region = discoverRegion(this.flow, address);
    if (region.every(({ instructions }) => instructions.length === 0)) return;
    const index = this.table.grow(1);
    this.table.set(index, this.instantiate(translateRegion(region)));
    region.forEach((block, blockIndex) => {
      if (block.instructions.length > 0) this.entries[block.address] = index | (blockIndex << 16);
    });
  }

  private instantiate(code: WasmFunction): Runner {
    const module = new WebAssembly.Module(encodeModule(code, MEMORY_PAGES));
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.memory, table: this.table } });
    return exports.run as Runner;
  }
}

/** Follows jumps from one translated function to the next, until there is none. */
const DISPATCHER: WasmFunction = (() => {
  const PC = 0;
  const ENTRY = 1;
  const { and, callIndirect, constant, get, isZero, set, shiftLeft, shiftRight } = wasm;
  const enterTranslated = wasm.sequence(
    set(ENTRY, wasm.load32(shiftLeft(get(PC), constant(2)), ENTRIES)),
    wasm.when(isZero(get(ENTRY)), wasm.returnValue(get(PC))),
    set(PC, callIndirect(shiftRight(get(ENTRY), constant(16)), and(get(ENTRY), constant(0xffff)))),
    wasm.branchIf(isZero(and(get(PC), constant(LEAVE))), 0),
  );
  return { locals: 1, body: wasm.loop(enterTranslated) + and(get(PC), constant(LEAVE - 1)) };
})();

const STATE_REGISTERS = [SPL, SPH, SREG];

/** Instructions that reach peripherals, the CPU's own registers in unusual ways, or beyond the end of the flash. */
function isInterpreted(cpu: Atmega328p, { operation, value, address, next }: Instruction): boolean {
  if (next < address) return true;
  const listens = cpu.readHooks[value] !== undefined || cpu.writeHooks[value] !== undefined;
  switch (operation) {
    case 'reti':
      return true;
    case 'lds':
    case 'sts':
      return listens || value <= SREG || value >= DATA_SPACE_BYTES;
    case 'in':
    case 'out':
      return listens && !STATE_REGISTERS.includes(value);
    case 'sbi':
    case 'cbi':
    case 'sbic':
    case 'sbis':
      return listens;
    default:
      return false;
  }
}
