import type { CPU } from 'avr8js';
import { avrInstruction } from 'avr8js';
import { FLASH_WORDS, SREG } from './memory-map.ts';

const C = 0x01;
const Z = 0x02;
const V = 0x08;
const S = 0x10;
const H = 0x20;

/** `left ± right ± carry` as the instruction at PC computes it; `keepsZero`: Z can be cleared only (AVR instruction set manual, SBC). */
interface Arithmetic {
  readonly left: number;
  readonly right: number;
  readonly result: number;
  readonly keepsZero: boolean;
}

function difference(left: number, right: number, borrow: number, keepsZero: boolean): Arithmetic {
  return { left, right, result: left - right - borrow, keepsZero };
}

function arithmetic(data: Uint8Array, opcode: number): Arithmetic | undefined {
  const carry = data[SREG] & C;
  const upper = 16 + ((opcode >> 4) & 0xf);
  const constant = (opcode & 0xf) | ((opcode >> 4) & 0xf0);
  const left = data[(opcode >> 4) & 0x1f];
  const right = data[(opcode & 0xf) | ((opcode >> 5) & 0x10)];
  switch (opcode & 0xfc00) {
    case 0x0c00: // ADD
      return { left, right, result: left + right, keepsZero: false };
    case 0x1c00: // ADC
      return { left, right, result: left + right + carry, keepsZero: false };
    case 0x1400: // CP
    case 0x1800: // SUB
      return difference(left, right, 0, false);
    case 0x0400: // CPC
    case 0x0800: // SBC
      return difference(left, right, carry, true);
  }
  switch (opcode & 0xf000) {
    case 0x3000: // CPI
    case 0x5000: // SUBI
      return difference(data[upper], constant, 0, false);
    case 0x4000: // SBCI
      return difference(data[upper], constant, carry, true);
  }
  return (opcode & 0xfe0f) === 0x9401 ? difference(0, left, 0, false) /* NEG */ : undefined;
}

/**
 * Executes the instruction at PC with avr8js 0.21.1 and puts right where that differs from the AVR instruction set manual:
 * H is the carry out of bit 3 (avr8js: bit 0), SBIW leaves H alone, NEG 0x80 overflows, CPC/SBC/SBCI of −256 leave Z alone,
 * FMULSU sets Z for a zero result, CBI takes two cycles on this core, and PC wraps round below 0, too.
 */
export function executeInstruction(cpu: CPU): void {
  const { data } = cpu;
  const opcode = cpu.progMem[cpu.pc];
  const before = data[SREG];
  const sum = arithmetic(data, opcode);
  avrInstruction(cpu);
  cpu.pc &= FLASH_WORDS - 1;
  if (sum) {
    const halfCarry = ((sum.left ^ sum.right ^ sum.result) << 1) & H;
    data[SREG] = (data[SREG] & ~H) | halfCarry;
    const isZero = (sum.result & 0xff) === 0 && (!sum.keepsZero || (before & Z) !== 0);
    data[SREG] = (data[SREG] & ~Z) | (isZero ? Z : 0);
    if ((opcode & 0xfe0f) === 0x9401 && sum.right === 0x80) data[SREG] = (data[SREG] | V) & ~S;
  } else if ((opcode & 0xff00) === 0x9700) {
    data[SREG] = (data[SREG] & ~H) | (before & H); // SBIW
  } else if ((opcode & 0xff88) === 0x0388) {
    data[SREG] ^= Z; // FMULSU
  } else if ((opcode & 0xff00) === 0x9800) {
    cpu.cycles++; // CBI
  }
}
