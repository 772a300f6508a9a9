import { FLASH_WORDS, IO_START } from '../memory-map.ts';

/** Pairs of registers, by their lower one: the pointers, and where products go. */
export const X = 26;
export const Y = 28;
export const Z = 30;
const PRODUCT = 0;

/**
 * The instructions of the ATmega328P (AVR instruction set manual, DS40002198), as data: name, pattern of the opcode, cycles when nothing
 * is skipped and no branch taken, words, pair of registers that the opcode does not name. Letters of a pattern gather an operand, most significant bit first. Registers: `d`, `r` with
 * 5 bits count from r0, with 4 or 3 bits from r16; a 2-bit `d` is one of the pairs at r24, r26, r28, r30; `D`, `R` are even pairs.
 * SLEEP, SPM and BREAK are left out: the interpreter executes what is not listed here.
 */
const TABLE = [
  ['add', '000011rdddddrrrr', 1, 1],
  ['adc', '000111rdddddrrrr', 1, 1],
  ['sub', '000110rdddddrrrr', 1, 1],
  ['sbc', '000010rdddddrrrr', 1, 1],
  ['cp', '000101rdddddrrrr', 1, 1],
  ['cpc', '000001rdddddrrrr', 1, 1],
  ['cpse', '000100rdddddrrrr', 1, 1],
  ['and', '001000rdddddrrrr', 1, 1],
  ['eor', '001001rdddddrrrr', 1, 1],
  ['or', '001010rdddddrrrr', 1, 1],
  ['mov', '001011rdddddrrrr', 1, 1],
  ['cpi', '0011KKKKddddKKKK', 1, 1],
  ['sbci', '0100KKKKddddKKKK', 1, 1],
  ['subi', '0101KKKKddddKKKK', 1, 1],
  ['ori', '0110KKKKddddKKKK', 1, 1],
  ['andi', '0111KKKKddddKKKK', 1, 1],
  ['ldi', '1110KKKKddddKKKK', 1, 1],
  ['adiw', '10010110KKddKKKK', 2, 1],
  ['sbiw', '10010111KKddKKKK', 2, 1],
  ['com', '1001010ddddd0000', 1, 1],
  ['neg', '1001010ddddd0001', 1, 1],
  ['swap', '1001010ddddd0010', 1, 1],
  ['inc', '1001010ddddd0011', 1, 1],
  ['asr', '1001010ddddd0101', 1, 1],
  ['lsr', '1001010ddddd0110', 1, 1],
  ['ror', '1001010ddddd0111', 1, 1],
  ['dec', '1001010ddddd1010', 1, 1],
  ['mul', '100111rdddddrrrr', 2, 1, PRODUCT],
  ['muls', '00000010ddddrrrr', 2, 1, PRODUCT],
  ['mulsu', '000000110ddd0rrr', 2, 1, PRODUCT],
  ['fmul', '000000110ddd1rrr', 2, 1, PRODUCT],
  ['fmuls', '000000111ddd0rrr', 2, 1, PRODUCT],
  ['fmulsu', '000000111ddd1rrr', 2, 1, PRODUCT],
  ['movw', '00000001DDDDRRRR', 1, 1],
  ['bset', '100101000sss1000', 1, 1],
  ['bclr', '100101001sss1000', 1, 1],
  ['bst', '1111101ddddd0bbb', 1, 1],
  ['bld', '1111100ddddd0bbb', 1, 1],
  ['brbs', '111100kkkkkkksss', 1, 1],
  ['brbc', '111101kkkkkkksss', 1, 1],
  ['sbrc', '1111110rrrrr0bbb', 1, 1],
  ['sbrs', '1111111rrrrr0bbb', 1, 1],
  ['sbic', '10011001AAAAAbbb', 1, 1],
  ['sbis', '10011011AAAAAbbb', 1, 1],
  ['cbi', '10011000AAAAAbbb', 2, 1],
  ['sbi', '10011010AAAAAbbb', 2, 1],
  ['in', '10110AAdddddAAAA', 1, 1],
  ['out', '10111AArrrrrAAAA', 1, 1],
  ['lds', '1001000ddddd0000', 2, 2],
  ['sts', '1001001rrrrr0000', 2, 2],
  ['ld x', '1001000ddddd1100', 2, 1, X],
  ['ld x+', '1001000ddddd1101', 2, 1, X],
  ['ld -x', '1001000ddddd1110', 2, 1, X],
  ['ld y+', '1001000ddddd1001', 2, 1, Y],
  ['ld -y', '1001000ddddd1010', 2, 1, Y],
  ['ld z+', '1001000ddddd0001', 2, 1, Z],
  ['ld -z', '1001000ddddd0010', 2, 1, Z],
  ['ldd y', '10q0qq0ddddd1qqq', 2, 1, Y],
  ['ldd z', '10q0qq0ddddd0qqq', 2, 1, Z],
  ['st x', '1001001rrrrr1100', 2, 1, X],
  ['st x+', '1001001rrrrr1101', 2, 1, X],
  ['st -x', '1001001rrrrr1110', 2, 1, X],
  ['st y+', '1001001rrrrr1001', 2, 1, Y],
  ['st -y', '1001001rrrrr1010', 2, 1, Y],
  ['st z+', '1001001rrrrr0001', 2, 1, Z],
  ['st -z', '1001001rrrrr0010', 2, 1, Z],
  ['std y', '10q0qq1rrrrr1qqq', 2, 1, Y],
  ['std z', '10q0qq1rrrrr0qqq', 2, 1, Z],
  ['lpm r0', '1001010111001000', 3, 1, Z],
  ['lpm z', '1001000ddddd0100', 3, 1, Z],
  ['lpm z+', '1001000ddddd0101', 3, 1, Z],
  ['push', '1001001rrrrr1111', 2, 1],
  ['pop', '1001000ddddd1111', 2, 1],
  ['rjmp', '1100kkkkkkkkkkkk', 2, 1],
  ['rcall', '1101kkkkkkkkkkkk', 3, 1],
  ['jmp', '1001010kkkkk110k', 3, 2],
  ['call', '1001010kkkkk111k', 4, 2],
  ['ijmp', '1001010000001001', 2, 1, Z],
  ['icall', '1001010100001001', 3, 1, Z],
  ['ret', '1001010100001000', 4, 1],
  ['reti', '1001010100011000', 4, 1],
  ['nop', '0000000000000000', 1, 1],
  ['wdr', '1001010110101000', 1, 1],
] as const;

export type Operation = (typeof TABLE)[number][0];

/** Instructions that skip the next one, whatever its length. */
export const SKIPS: ReadonlySet<Operation> = new Set<Operation>(['cpse', 'sbrc', 'sbrs', 'sbic', 'sbis']);

/** One decoded instruction. Operands that it does not have are 0. */
export interface Instruction {
  readonly operation: Operation;
  /** In words, as PC counts. */
  readonly address: number;
  /** Address of the instruction behind it. */
  readonly next: number;
  readonly cycles: number;
  /** Destination register (for BST the source). */
  readonly d: number;
  /** Source register. */
  readonly r: number;
  /** Immediate, displacement, or for LDS/STS/IN/OUT/SBI/CBI/SBIC/SBIS the address in the data space. */
  readonly value: number;
  /** Number of a bit in a register or in SREG. */
  readonly bit: number;
  /** Address that a branch, jump, call or skip goes to. */
  readonly target: number;
  /** Registers that it may read or write. */
  readonly registers: readonly number[];
}

export interface Pattern {
  readonly operation: Operation;
  /** Bits that tell the instruction from others; the rest are operands. */
  readonly mask: number;
  readonly match: number;
  readonly cycles: number;
  readonly words: number;
  /** Lower register of a pair that it uses whatever its operands. */
  readonly pair: number | undefined;
  /** By letter, the bits of the opcode that make up an operand, most significant first. */
  readonly fields: ReadonlyMap<string, readonly number[]>;
}

function fieldsOf(letters: string): Map<string, number[]> {
  const fields = new Map<string, number[]>();
  [...letters].forEach((letter, index) => {
    if (!/[01]/.test(letter)) fields.set(letter, [...(fields.get(letter) ?? []), 15 - index]);
  });
  return fields;
}

export const PATTERNS: readonly Pattern[] = TABLE.map(([operation, letters, cycles, words, pair]) => ({
  operation,
  mask: parseInt(letters.replace(/[01]/g, '1').replace(/[^01]/g, '0'), 2),
  match: parseInt(letters.replace(/[^01]/g, '0'), 2),
  cycles,
  words,
  pair,
  fields: fieldsOf(letters),
}));

/** Gives the instruction at a word address, or undefined if it is not in the table; `program` is the whole flash. */
export type Decoder = (address: number) => Instruction | undefined;

export function createDecoder(program: Uint16Array): Decoder {
  const decoded = new Map<number, Instruction | undefined>();
  return (address) => {
    if (!decoded.has(address)) decoded.set(address, decode(program, address));
    return decoded.get(address);
  };
}

const wrap = (address: number): number => address & (FLASH_WORDS - 1);
const patternOf = (opcode: number): Pattern | undefined =>
  PATTERNS.find(({ mask, match }) => (opcode & mask) === match);

function decode(program: Uint16Array, address: number): Instruction | undefined {
  const opcode = program[address];
  const pattern = patternOf(opcode);
  if (!pattern) return undefined;
  const { operation, cycles, words, fields } = pattern;
  const next = wrap(address + words);
  const second = program[wrap(address + 1)];
  const operand = (letter: string): number =>
    (fields.get(letter) ?? []).reduce((value, bit) => (value << 1) | ((opcode >> bit) & 1), 0);
  const target = (): number => {
    if (SKIPS.has(operation)) return wrap(next + (patternOf(program[next])?.words ?? 1));
    return wrap(words === 2 ? second : next + signed(operand('k'), fields.get('k')?.length ?? 0));
  };
  const destination = registersOf(pattern, 'd', operand);
  const source = registersOf(pattern, 'r', operand);
  const implied = pattern.pair === undefined ? [] : [pattern.pair, pattern.pair + 1];
  return {
    operation,
    address,
    next,
    cycles,
    d: destination[0] ?? 0,
    r: source[0] ?? 0,
    value: words === 2 ? second : fields.has('A') ? IO_START + operand('A') : operand('K') | operand('q'),
    bit: operand('b') | operand('s'),
    target: target(),
    registers: [...destination, ...source, ...implied],
  };
}

/** The registers that the operand `letter`, or its capital for a pair, stands for. */
function registersOf({ operation, fields }: Pattern, letter: 'd' | 'r', operand: (letter: string) => number): number[] {
  const capital = letter.toUpperCase();
  if (fields.has(capital)) return [2 * operand(capital), 2 * operand(capital) + 1];
  switch (fields.get(letter)?.length) {
    case undefined:
      return operation === 'lpm r0' ? [0] : [];
    case 2:
      return [24 + 2 * operand(letter), 25 + 2 * operand(letter)];
    case 5:
      return [operand(letter)];
    default:
      return [16 + operand(letter)];
  }
}

const signed = (value: number, bits: number): number => (bits > 0 && value >> (bits - 1) ? value - (1 << bits) : value);
