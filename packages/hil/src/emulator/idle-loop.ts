import type { Atmega328p } from './cpu.ts';
import { IO_START, SREG } from './memory-map.ts';

/** Longest loop that is recognised, in instructions. */
const LONGEST_LOOP = 8;
const REGISTERS = 32;

/** A loop that changes nothing: it goes round until an event changes what it reads. */
export interface IdleLoop {
  /** Of one turn. */
  readonly cycles: number;
  /** Addresses in the data space that it reads. */
  readonly polls: readonly number[];
}

/**
 * Executes up to a turn of the loop that the CPU may be in; undefined if it is in none that repeats itself to the last bit: with nothing
 * but reads, compares and jumps, it comes back with all registers as they were, and no event fell into it.
 */
export function findIdleLoop(cpu: Atmega328p): IdleLoop | undefined {
  const { pc, cycles } = cpu;
  const registers = cpu.data.slice(0, REGISTERS);
  const sreg = cpu.data[SREG];
  const polls: number[] = [];
  for (let count = 0; count < LONGEST_LOOP; count++) {
    const address = passiveRead(cpu);
    if (address === undefined || (cpu.nextInterrupt >= 0 && cpu.interruptsEnabled)) return undefined;
    if (address !== NO_READ) polls.push(address);
    const eventCycle = cpu.nextEventCycle;
    cpu.step();
    if (eventCycle <= cpu.cycles) return undefined;
    if (cpu.pc !== pc) continue;
    const isSame = sreg === cpu.data[SREG] && registers.every((value, register) => value === cpu.data[register]);
    return isSame ? { cycles: cpu.cycles - cycles, polls } : undefined;
  }
  return undefined;
}

const NO_READ = -1;

/** Opcodes that change registers and PC only, by mask and match: compares, AND, OR, MOV, LDI, ANDI, ORI, branches, RJMP, SBRC, SBRS, NOP. */
const PASSIVE: readonly (readonly [mask: number, match: number])[] = [
  [0xffff, 0x0000],
  [0xfc00, 0x0400],
  [0xfc00, 0x1000],
  [0xfc00, 0x1400],
  [0xf000, 0x3000],
  [0xfc00, 0x2000],
  [0xfc00, 0x2800],
  [0xfc00, 0x2c00],
  [0xf000, 0xe000],
  [0xf000, 0x7000],
  [0xf000, 0x6000],
  [0xf800, 0xf000],
  [0xf800, 0xf400],
  [0xf000, 0xc000],
  [0xfe08, 0xfc00],
  [0xfe08, 0xfe00],
];

/** The address that the next instruction reads; NO_READ if it reads none; undefined if it does more than read, or reading there has an effect. */
function passiveRead(cpu: Atmega328p): number | undefined {
  const opcode = cpu.progMem[cpu.pc];
  if (PASSIVE.some(([mask, match]) => (opcode & mask) === match)) return NO_READ;
  const address = addressRead(opcode, cpu.progMem[cpu.pc + 1]);
  return address === undefined || cpu.readHooks[address] ? undefined : address;
}

function addressRead(opcode: number, second: number): number | undefined {
  if ((opcode & 0xfe0f) === 0x9000) return second; // LDS
  if ((opcode & 0xf800) === 0xb000) return IO_START + ((opcode & 0xf) | ((opcode >> 5) & 0x30)); // IN
  if ((opcode & 0xfd00) === 0x9900) return IO_START + ((opcode >> 3) & 0x1f); // SBIC, SBIS
  return undefined;
}
