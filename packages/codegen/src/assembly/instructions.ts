/** Words and cycles of the instructions that the generator uses, on the ATmega328P (AVR instruction set manual, DS40002198). */
interface Timing {
  readonly words: number;
  readonly cycles: number;
}

const TIMINGS = new Map<string, Timing>();

function define(words: number, cycles: number, mnemonics: string): void {
  for (const mnemonic of mnemonics.split(' ')) TIMINGS.set(mnemonic, { words, cycles });
}

define(
  1,
  1,
  'add adc sub sbc and or eor mov movw ldi subi sbci andi ori cp cpc cpi inc dec clr com neg swap lsl rol lsr asr ror tst clt set in out',
);
define(1, 2, 'mul mulsu adiw sbiw ld ldd st std push pop rjmp ijmp');
define(2, 2, 'lds sts');
define(1, 3, 'lpm rcall');
define(2, 3, 'jmp');
define(2, 4, 'call');
define(1, 4, 'ret');
/**
 * What skips or jumps over one instruction of one word and one cycle takes 2 cycles together with it, whichever way it goes:
 * counted as one cycle, and one for the instruction. All other uses say how often they jump (`Assembly.spend`).
 */
define(1, 1, 'cpse sbrc sbrs breq brne brlo brsh brlt brge brcc brcs brts');

export function timingOf(mnemonic: string): Timing {
  const timing = TIMINGS.get(mnemonic);
  if (!timing) throw new Error(`the cost of the instruction ${mnemonic} is not known: add it to instructions.ts`);
  return timing;
}
