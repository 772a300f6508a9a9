import { timingOf } from './instructions.ts';
import { addScaled, emptyLedger, type Ledger, type Phase, totalCycles } from './ledger.ts';
import { r, type Register } from './registers.ts';

/** What differs between the iterations of a step: the values of its operands, by name. */
export type Environment = Readonly<Record<string, number>>;

/** How often a loop runs: always as often, or as often as an environment says. */
export type Count = number | ((environment: Environment) => number);

/** A loop counter: in a register, or in RAM when the registers are taken. */
export type Counter = { readonly register: Register } | { readonly address: string };

/** Code that is executed as a whole: its own cycles, and those of the loops in it. */
interface Frame {
  readonly fixed: Ledger;
  readonly variable: { readonly phase: Phase; readonly cycles: (environment: Environment) => number }[];
  readonly loops: { readonly count: Count; readonly body: Frame }[];
}

function newFrame(): Frame {
  return { fixed: emptyLedger(), variable: [], loops: [] };
}

function tally(frame: Frame, environment: Environment, times: number, ledger: Ledger): void {
  addScaled(ledger, frame.fixed, times);
  for (const { phase, cycles } of frame.variable) ledger[phase] += times * cycles(environment);
  for (const { count, body } of frame.loops) {
    tally(body, environment, times * (typeof count === 'number' ? count : count(environment)), ledger);
  }
}

/** How a loop ends. */
interface LoopOptions {
  readonly moreWords?: number;
  readonly again?: string;
  readonly done?: string;
}

/** A function that steps share. */
export interface SharedFunction {
  readonly name: string;
  readonly code: Assembly;
}

/** A conditional branch reaches 63 words back; some of it is the branch itself. */
const BRANCH_REACH = 60;

/**
 * Collects a step's assembly, and knows as it does what the code weighs and how long it takes: exactly, because nothing
 * in it depends on data.
 */
export class Assembly {
  readonly lines: string[] = [];
  /** All that an instruction names. */
  readonly registers = new Set<Register>();
  /** Flash, in words of 2 bytes. */
  words = 0;
  /** What it calls. */
  readonly calls = new Set<SharedFunction>();
  /** Most bytes of stack at a time. */
  stackBytes = 0;
  private pushed = 0;
  private readonly name: string;
  readonly far: boolean;
  private frame = newFrame();
  private currentPhase: Phase = 'calls';
  private printedPhase: Phase | undefined;
  private labels = 0;

  /** `name` is part of all labels. `far`: the program is larger than what relative jumps reach. */
  constructor(name: string, far = false) {
    this.name = name;
    this.far = far;
  }

  readonly emit = (mnemonic: string, ...operands: (string | number)[]): void => {
    const { words, cycles } = timingOf(mnemonic);
    if (this.printedPhase !== this.currentPhase) {
      this.lines.push(`  ; ${this.currentPhase}`);
      this.printedPhase = this.currentPhase;
    }
    this.lines.push(`  ${`${mnemonic} ${operands.join(', ')}`.trim()}`);
    this.words += words;
    this.trackStack(mnemonic);
    for (const operand of operands) this.note(mnemonic, String(operand));
    this.frame.fixed[this.currentPhase] += cycles;
  };

  private trackStack(mnemonic: string): void {
    if (mnemonic === 'push') this.pushed++;
    if (mnemonic === 'pop') this.pushed--;
    const returnAddress = mnemonic === 'rcall' || mnemonic === 'call' ? 2 : 0;
    this.stackBytes = Math.max(this.stackBytes, this.pushed + returnAddress);
  }

  private note(mnemonic: string, operand: string): void {
    const [, number] = /^r(\d+)$/.exec(operand) ?? [];
    if (number !== undefined) this.registers.add(Number(number));
    if (number !== undefined && mnemonic === 'movw') this.registers.add(Number(number) + 1);
    if (/^-?Y/.test(operand)) [28, 29].forEach((register) => this.registers.add(register));
  }

  /** To another function of the program. */
  jump(target: string): void {
    this.emit(this.far ? 'jmp' : 'rjmp', target);
  }

  /** `environment`: what the function's cycles depend on. */
  call(target: SharedFunction, environment: (own: Environment) => Environment = (own) => own): void {
    this.emit(this.far ? 'call' : 'rcall', target.name);
    this.spend((own) => totalCycles(target.code.cycles(environment(own))));
    this.calls.add(target);
  }

  label(name: string): void {
    this.lines.push(`${name}:`);
  }

  /** A name that no other label of the program has. */
  newLabel(stem: string): string {
    return `.L${this.name}_${stem}${this.labels++}`;
  }

  /** Cycles that the instructions alone do not tell: of jumps that are taken, at times. */
  spend(cycles: number | ((environment: Environment) => number)): void {
    if (typeof cycles === 'number') this.frame.fixed[this.currentPhase] += cycles;
    else this.frame.variable.push({ phase: this.currentPhase, cycles });
  }

  /** Books what `body` emits under `phase`. */
  phase(phase: Phase, body: () => void): void {
    const before = this.currentPhase;
    this.currentPhase = phase;
    body();
    this.currentPhase = before;
  }

  /** Code that `count` of the executions of what is around it execute: 0 or 1, or a mean. Jumps around it are the caller's. */
  sometimes(count: Count, body: () => void): void {
    const outer = this.frame;
    this.frame = newFrame();
    outer.loops.push({ count, body: this.frame });
    body();
    this.frame = outer;
  }

  /** Counts `counter`, which holds `count` > 0 already, down to 0, executing `body` each time. Uses r0 for a counter in RAM. */
  countDown(counter: Counter, count: Count, body: () => void): void {
    this.loop(count, () => this.decrement(counter), body);
  }

  /**
   * Executes `body` `count` > 0 times; `step` comes behind it, and sets the zero flag, or that of the given branches, when that is enough.
   * `moreWords`: ends as if it were longer by as many.
   */
  loop(
    count: Count,
    step: () => void,
    body: () => void,
    { moreWords = 0, again = 'brne', done = 'breq' }: LoopOptions = {},
  ): void {
    const start = this.newLabel('loop');
    this.label(start);
    const wordsBefore = this.words;
    this.sometimes(count, () => {
      body();
      step();
      const far = this.words - wordsBefore + moreWords > BRANCH_REACH;
      if (far) {
        const end = this.newLabel('end');
        this.emit(done, end);
        this.emit('rjmp', start);
        this.label(end);
      } else {
        this.emit(again, start);
        this.spend(1);
      }
    });
    this.spend(-1);
  }

  /** Executes `body` `count` > 0 times: until, behind it, both registers are equal. However long it is, that takes 3 cycles. */
  loopUntilEqual(count: Count, a: Register, b: Register, body: () => void): void {
    const start = this.newLabel('loop');
    this.label(start);
    this.sometimes(count, () => {
      body();
      this.emit('cpse', r(a), r(b));
      this.emit('rjmp', start);
    });
    // Skipping the jump takes a cycle less than jumping.
    this.spend(-1);
  }

  /** Passes by `body` if `branch` (`inverse` is its opposite) does branch; `share` of the executions do not. */
  unless(branch: string, inverse: string, share: Count, body: () => void): void {
    const passed = (environment: Environment): number => 1 - (typeof share === 'number' ? share : share(environment));
    const end = this.newLabel('past');
    const [lines, words] = [this.lines.length, this.words];
    this.sometimes(share, body);
    const far = this.words - words > BRANCH_REACH;
    const start = this.newLabel('into');
    const jump = far ? [`  ${inverse} ${start}`, `  rjmp ${end}`, `${start}:`] : [`  ${branch} ${end}`];
    this.lines.splice(lines, 0, ...jump);
    this.words += far ? 2 : 1;
    // A branch that is taken takes 2 cycles, one that is not 1.
    this.spend((environment) => (far ? 2 : 1) + passed(environment));
    this.label(end);
  }

  /** `countDown` that also sets the counter; only the body if it is executed once. `scratch`: any register from r16 up. */
  repeat(counter: Counter | undefined, count: number, scratch: Register, body: () => void): void {
    if (count === 1) return body();
    if (!counter) throw new Error(`${this.name}: a loop without a counter`);
    this.setCounter(counter, count, scratch);
    this.countDown(counter, count, body);
  }

  setCounter(counter: Counter, value: number, scratch: Register): void {
    const direct = 'register' in counter && counter.register >= 16;
    const register = direct ? counter.register : scratch;
    this.emit('ldi', r(register), value);
    if ('address' in counter) this.emit('sts', counter.address, r(register));
    else if (!direct) this.emit('mov', r(counter.register), r(register));
  }

  /** The zero flag tells whether it is done. Uses r0 for a counter in RAM. */
  decrement(counter: Counter): void {
    if ('register' in counter) return this.emit('dec', r(counter.register));
    this.emit('lds', 'r0', counter.address);
    this.emit('dec', 'r0');
    this.emit('sts', counter.address, 'r0');
  }

  /** Cycles of one execution, by phase. */
  cycles(environment: Environment): Ledger {
    const ledger = emptyLedger();
    tally(this.frame, environment, 1, ledger);
    return ledger;
  }
}
