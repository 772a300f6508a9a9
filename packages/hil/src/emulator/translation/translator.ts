import type { Region } from './control-flow.ts';
import type { Instruction, Operation } from './instructions.ts';
import { LEAVE } from './layout.ts';
import { BLOCK, BUDGET, flag, loadState, LOCALS, PC, RESULT, storeState } from './machine-state.ts';
import { FLASH_WORDS } from '../memory-map.ts';
import { popAddress, pushAddress } from './memory-access.ts';
import { indirectTarget, semantics, skipCondition, type LeaveIf } from './semantics.ts';
import type { WasmFunction } from './wasm-module.ts';
import {
  and,
  block,
  branch,
  branchTable,
  constant,
  get,
  isZero,
  lessSigned,
  loop,
  sequence,
  set,
  subtract,
  when,
  type Code,
} from './wasm.ts';

/**
 * A region as a WebAssembly function: it takes the number of the block to start with and returns the address to go on at, with `LEAVE`
 * set if the interpreter has to go on. Jumps forward within a region are branches; jumps back select a block and go round a loop:
 *
 *     block exit { loop { block b2 { block b1 { block b0 { br_table b0 b1 b2 } … code of 0 } … code of 1 } … code of 2 } }
 *
 * Each block first checks that it can run to its end before the next clock event, and leaves if it cannot. Thus no event and no interrupt
 * can fall into translated code, and cycles are counted once a block.
 */
export function translateRegion(region: Region): WasmFunction {
  const registers = [...new Set(region.flatMap(({ instructions }) => instructions.flatMap((each) => each.registers)))];
  const indexOf = new Map(region.map(({ address }, index) => [address, index]));
  const labels = region.map((_, index) => index);
  const blocks = labels.map((index) => translateBlock({ region, index, indexOf }));
  const body = blocks.reduce((before, code) => block(before) + code, branchTable(get(BLOCK), labels));
  return { locals: LOCALS, body: sequence(loadState(registers), block(loop(body)), storeState(registers), get(PC)) };
}

interface Place {
  readonly region: Region;
  /** The current block's. */
  readonly index: number;
  readonly indexOf: ReadonlyMap<number, number>;
}

const spend = (cycles: number): Code => set(BUDGET, subtract(get(BUDGET), constant(cycles)));

/** Branch depth of the end of the function, from the current block's code inside `nesting` more constructs. */
const exitDepth = ({ region, index }: Place, nesting: number): number => region.length - index + nesting;

function goTo(place: Place, address: number, nesting: number): Code {
  const index = place.indexOf.get(address);
  if (index === undefined) return set(PC, constant(address)) + branch(exitDepth(place, nesting));
  if (index > place.index) return branch(index - place.index - 1 + nesting);
  return set(BLOCK, constant(index)) + branch(exitDepth(place, nesting) - 1);
}

const leaveAt = (place: Place, address: number, nesting: number): Code =>
  set(PC, constant(address | LEAVE)) + branch(exitDepth(place, nesting));

const sumCycles = (instructions: readonly Instruction[]): number =>
  instructions.reduce((sum, { cycles }) => sum + cycles, 0);

function translateBlock(place: Place): Code {
  const { address, instructions, next, interpretsNext } = place.region[place.index];
  const cycles = sumCycles(instructions);
  const ending = interpretsNext ? undefined : ENDINGS[instructions[instructions.length - 1].operation];
  const longest = cycles + (ending?.extraCycles?.(instructions[instructions.length - 1]) ?? 0);
  const code = instructions.map((instruction, i): Code => {
    const leaveIf: LeaveIf = (condition) =>
      when(condition, spend(-sumCycles(instructions.slice(i))) + leaveAt(place, instruction.address, 1));
    const isLast = i === instructions.length - 1;
    return isLast && ending ? ending.translate(instruction, place, leaveIf) : semantics(instruction, leaveIf);
  });
  return sequence(
    when(lessSigned(get(BUDGET), constant(longest)), leaveAt(place, address, 1)),
    spend(cycles),
    ...code,
    interpretsNext ? leaveAt(place, next, 0) : goTo(place, next, 0),
  );
}

/** How an instruction ends a block. If `translate`'s code runs through, execution goes on behind the block. */
interface Ending {
  readonly translate: (instruction: Instruction, place: Place, leaveIf: LeaveIf) => Code;
  /** At most so many cycles more than the table says. */
  readonly extraCycles?: (instruction: Instruction) => number;
}

const BRANCH = (condition: (instruction: Instruction) => Code): Ending => ({
  translate: (instruction, place) => when(condition(instruction), spend(1) + goTo(place, instruction.target, 1)),
  extraCycles: () => 1,
});

/** A skip takes a cycle for each word of the skipped instruction. */
function skippedWords({ next, target }: Instruction): number {
  return (target - next) & (FLASH_WORDS - 1);
}

const SKIP: Ending = {
  translate: (instruction, place) =>
    when(skipCondition(instruction), spend(skippedWords(instruction)) + goTo(place, instruction.target, 1)),
  extraCycles: skippedWords,
};

const JUMP: Ending = { translate: ({ target }, place) => goTo(place, target, 0) };

const CALL: Ending = {
  translate: (instruction, place, leaveIf) =>
    pushAddress(instruction.next, leaveIf) + goTo(place, instruction.target, 0),
};

/** Goes to the address in RESULT. */
const goToResult = (place: Place): Code =>
  set(PC, and(get(RESULT), constant(FLASH_WORDS - 1))) + branch(exitDepth(place, 0));

const ENDINGS: Partial<Record<Operation, Ending>> = {
  brbs: BRANCH(({ bit }) => flag(bit)),
  brbc: BRANCH(({ bit }) => isZero(flag(bit))),
  cpse: SKIP,
  sbrc: SKIP,
  sbrs: SKIP,
  sbic: SKIP,
  sbis: SKIP,
  jmp: JUMP,
  rjmp: JUMP,
  call: CALL,
  rcall: CALL,
  ret: { translate: (_, place, leaveIf) => popAddress(leaveIf) + goToResult(place) },
  ijmp: { translate: (_, place) => indirectTarget() + goToResult(place) },
  icall: {
    translate: (instruction, place, leaveIf) =>
      sequence(pushAddress(instruction.next, leaveIf), indirectTarget(), goToResult(place)),
  },
};
