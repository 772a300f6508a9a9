import fc from 'fast-check';
import { seededRandom } from '@sparrow/model/testing';
import { Atmega328p } from '../cpu.ts';
import type { Executor } from '../executor.ts';
import { createInterpreter } from '../executor.ts';
import { PATTERNS } from './instructions.ts';
import { MEMORY_PAGES } from './layout.ts';
import { DATA_SPACE_BYTES, FLASH_WORDS, SRAM_START } from '../memory-map.ts';
import { attachSerial } from '../serial.ts';
import { attachTimers } from '../timers.ts';
import { createTranslator } from './executor.ts';

/** Code that the generated jumps and calls go to; RET and IJMP go anywhere, so the rest of the flash repeats it. */
const PROGRAM_WORDS = 128;
const JUMP_TO_0 = [0x940c, 0];

interface Case {
  readonly program: readonly (readonly number[])[];
  readonly seed: number;
  readonly ends: readonly number[];
}

/** An address that LDS and STS take: SRAM mostly, else anything, peripherals included. */
const dataAddress = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: SRAM_START, max: DATA_SPACE_BYTES - 1 }) },
  { weight: 1, arbitrary: fc.nat(DATA_SPACE_BYTES + 16) },
);
const instruction = fc.constantFrom(...PATTERNS).chain(({ operation, mask, match, words }) =>
  fc.tuple(
    fc.nat(0xffff).map((operands) => match | (operands & ~mask & 0xffff)),
    ...(words === 1 ? [] : [/lds|sts/.test(operation) ? dataAddress : fc.nat(PROGRAM_WORDS - 1)]),
  ),
);

/** Registers, of which X, Y and Z point to SRAM, I/O of zeros but for SREG, a stack in the upper half of SRAM. */
function initialData(seed: number): Uint8Array {
  const random = seededRandom(seed);
  const data = Uint8Array.from({ length: DATA_SPACE_BYTES }, () => 256 * random());
  for (const pointerHigh of [27, 29, 31]) data[pointerHigh] = 1 + (data[pointerHigh] & 7);
  data.fill(0, 0x20, 0x5d);
  data[0x5e] = 5 + (data[0x5e] % 3);
  data.fill(0, 0x60, SRAM_START);
  return data;
}

const cases: fc.Arbitrary<Case> = fc.record({
  program: fc.array(instruction, { minLength: 30, maxLength: PROGRAM_WORDS / 2, size: 'max' }),
  seed: fc.nat(),
  ends: fc.array(fc.integer({ min: 1, max: 1500 }), { minLength: 3, maxLength: 3 }),
});

function start({ program, seed }: Case, createExecutor: (cpu: Atmega328p, wasm: WebAssembly.Memory) => Executor) {
  const code = [...program.flat(), ...JUMP_TO_0];
  const flash = Uint16Array.from({ length: FLASH_WORDS }, (_, address) => code[address % code.length]);
  const wasmMemory = new WebAssembly.Memory({ initial: MEMORY_PAGES, maximum: MEMORY_PAGES });
  const cpu = new Atmega328p(new Uint8Array(flash.buffer), new Uint8Array(wasmMemory.buffer, 0, DATA_SPACE_BYTES));
  attachTimers(cpu);
  const sent: number[] = [];
  const memory = initialData(seed);
  attachSerial(cpu, (byte) => sent.push(byte)).send(memory.slice(0, 8));
  cpu.data.set(memory);
  cpu.lowestStackPointer = cpu.SP;
  const executor = createExecutor(cpu, wasmMemory);
  return (endCycle: number): unknown => {
    executor.run(endCycle, () => false);
    const { pc, cycles, lowestStackPointer } = cpu;
    return { pc, cycles, lowestStackPointer, sent, data: Buffer.from(cpu.data).toString('hex').match(/.{64}/g) };
  };
}

test('random programs: every register, flag, byte of memory and cycle agrees', () => {
  fc.assert(
    fc.property(cases, fc.integer({ min: 1, max: 3 }), (program, translateAfter) => {
      const interpret = start(program, createInterpreter);
      const translate = start(program, (cpu, memory) => createTranslator(cpu, memory, translateAfter));
      let end = 0;
      for (const cycles of program.ends) {
        end += cycles;
        expect(translate(end)).toEqual(interpret(end));
      }
    }),
    { numRuns: 100, endOnFailure: true },
  );
});
