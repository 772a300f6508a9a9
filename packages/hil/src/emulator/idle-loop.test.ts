import fc from 'fast-check';
import { Atmega328p } from './cpu.ts';
import { findIdleLoop } from './idle-loop.ts';
import { DATA_SPACE_BYTES } from './memory-map.ts';

function start(...words: number[]): Atmega328p {
  return new Atmega328p(new Uint8Array(Uint16Array.from(words).buffer), new Uint8Array(DATA_SPACE_BYTES));
}

const LDS_R24_UCSRA = [0x9180, 0x00c0];
const SBRS_R24_7 = 0xff87;
const DEC_R24 = 0x958a;
const STS_0X100_R24 = [0x9380, 0x0100];
const rjmp = (words: number): number => 0xc000 | (words & 0xfff);

test('a loop that polls a register is found, with its cycles and what it reads', () => {
  const cpu = start(...LDS_R24_UCSRA, SBRS_R24_7, rjmp(-4));
  cpu.step(); // r24 gets its value
  cpu.pc = 0;
  expect(findIdleLoop(cpu)).toEqual({ cycles: 5, polls: [0xc0] });
});

test.each([
  ['counts', [DEC_R24, rjmp(-2)]],
  ['stores', [...STS_0X100_R24, rjmp(-3)]],
  ['goes on', [0, 0, 0, 0, 0, 0, 0, 0, 0]],
])('a loop that %s is none', (_, words) => {
  expect(findIdleLoop(start(...words))).toBeUndefined();
});

test('a loop that an event falls into, or whose reading has an effect, is none', () => {
  const withEvent = start(rjmp(-1));
  withEvent.addClockEvent(() => {}, 1);
  expect(findIdleLoop(withEvent)).toBeUndefined();
  expect(findIdleLoop(withEvent)).toEqual({ cycles: 2, polls: [] });
  const withEffect = start(...LDS_R24_UCSRA, rjmp(-3));
  withEffect.readHooks[0xc0] = () => 0;
  expect(findIdleLoop(withEffect)).toBeUndefined();
});

test('what is found to idle changes nothing in any number of turns', () => {
  const passive = fc.constantFrom(0x9180, 0xb180, 0x9b00, 0xff87, 0x7f8f, 0x1789, 0x2b89, 0xf409, 0x0000, 0x2f98);
  let found = 0;
  fc.assert(
    fc.property(fc.array(passive, { minLength: 1, maxLength: 6 }), fc.nat(20), (opcodes, turns) => {
      const body = opcodes.flatMap((opcode) => (opcode === 0x9180 ? [opcode, 0x0123] : [opcode]));
      const cpu = start(...body, rjmp(-body.length - 1));
      const loop = findIdleLoop(cpu) ?? findIdleLoop(cpu);
      if (loop === undefined) return;
      found++;
      const [data, pc, end] = [cpu.data.slice(), cpu.pc, cpu.cycles + turns * loop.cycles];
      while (cpu.cycles < end) cpu.step();
      expect({ data: cpu.data, pc: cpu.pc, cycles: cpu.cycles }).toEqual({ data, pc, cycles: end });
    }),
  );
  expect(found).toBeGreaterThan(20);
});
