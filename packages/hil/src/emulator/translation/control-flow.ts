import type { Decoder, Instruction, Operation } from './instructions.ts';
import { SKIPS } from './instructions.ts';
import { INTERRUPTS_ENABLED, SREG } from '../memory-map.ts';

/** Splits straight-line code, so that little of it is left to the interpreter before a clock event. */
const LONGEST_BLOCK = 64;
const INTERRUPT_BIT = 31 - Math.clz32(INTERRUPTS_ENABLED);

/** Straight-line code: entered at its first instruction only, left after its last. It may be empty. */
export interface Block {
  readonly address: number;
  readonly instructions: readonly Instruction[];
  /** Address behind the last instruction. */
  readonly next: number;
  /** True if what stands at `next` is left to the interpreter. */
  readonly interpretsNext: boolean;
}

/** The blocks that become one function of translated code, in order of address: what an entry point reaches without calls. */
export type Region = readonly Block[];

const BRANCHES = new Set<Operation>(['brbs', 'brbc']);
const JUMPS = new Set<Operation>(['jmp', 'rjmp']);
const CALLS = new Set<Operation>(['call', 'rcall']);
const COMPUTED = new Set<Operation>(['ret', 'reti', 'ijmp', 'icall']);

const endsBlock = ({ operation }: Instruction): boolean =>
  [BRANCHES, SKIPS, JUMPS, CALLS, COMPUTED].some((operations) => operations.has(operation));

/** Executed in translated code only if another instruction of the block follows: an interrupt may come one instruction later. */
const enablesInterrupts = ({ operation, bit, value }: Instruction): boolean =>
  (operation === 'bset' && bit === INTERRUPT_BIT) || (operation === 'out' && value === SREG);

/** Where execution may go on after an instruction that ends a block, not following calls. */
function successors({ operation, next, target }: Instruction): number[] {
  if (SKIPS.has(operation) || BRANCHES.has(operation)) return [next, target];
  if (JUMPS.has(operation)) return [target];
  if (COMPUTED.has(operation) && operation !== 'icall') return [];
  return [next];
}

export interface ControlFlow {
  readonly decode: Decoder;
  /** Instructions that only the interpreter executes. */
  readonly isInterpreted: (instruction: Instruction) => boolean;
  /** Blocks that have been translated before. */
  readonly isKnown: (address: number) => boolean;
}

/** First instructions of blocks that can be reached from `root` without calls; indirect jumps are not followed. */
function findLeaders({ decode, isInterpreted, isKnown }: ControlFlow, root: number): Set<number> {
  const leaders = new Set([root]);
  const visited = new Set<number>();
  const pending = [root];
  for (let address = pending.pop(); address !== undefined; address = pending.pop()) {
    const instruction = visited.has(address) || isKnown(address) ? undefined : decode(address);
    if (!instruction) continue;
    visited.add(address);
    const following = successors(instruction);
    if (endsBlock(instruction) || isInterpreted(instruction)) following.forEach((leader) => leaders.add(leader));
    pending.push(...following);
  }
  return leaders;
}

function blockAt(
  { decode, isInterpreted, isKnown }: ControlFlow,
  address: number,
  leaders: ReadonlySet<number>,
): Block {
  const instructions: Instruction[] = [];
  let next = address;
  let interpretsNext = false;
  do {
    const instruction = decode(next);
    if (!instruction || isInterpreted(instruction)) {
      interpretsNext = true;
      break;
    }
    instructions.push(instruction);
    next = instruction.next;
  } while (
    !endsBlock(instructions[instructions.length - 1]) &&
    !leaders.has(next) &&
    !isKnown(next) &&
    instructions.length < LONGEST_BLOCK
  );
  for (let last = instructions.at(-1); last && enablesInterrupts(last); last = instructions.at(-1)) {
    instructions.pop();
    next = last.address;
    interpretsNext = true;
  }
  return { address, instructions, next, interpretsNext };
}

/** The blocks that execution may reach from the end of `block` within its function. */
function blocksAfter(decode: Decoder, { instructions, next, interpretsNext }: Block): number[] {
  const last = interpretsNext ? decode(next) : instructions[instructions.length - 1];
  if (!last) return [];
  return interpretsNext || endsBlock(last) ? successors(last) : [next];
}

/** The blocks that can be reached from `root` without calls and are not known yet. */
export function discoverRegion(flow: ControlFlow, root: number): Region {
  const leaders = findLeaders(flow, root);
  const region = new Map<number, Block>();
  const pending = [root];
  for (let address = pending.pop(); address !== undefined; address = pending.pop()) {
    if (region.has(address) || flow.isKnown(address)) continue;
    const block = blockAt(flow, address, leaders);
    region.set(address, block);
    pending.push(...blocksAfter(flow.decode, block));
  }
  return [...region.values()].sort((a, b) => a.address - b.address);
}
