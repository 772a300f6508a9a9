import { CPU } from 'avr8js';
import { executeInstruction } from './errata.ts';
import { DATA_SPACE_BYTES, FLASH_BYTES, INTERRUPTS_ENABLED, SRAM_BYTES, SREG } from './memory-map.ts';
import { fillAsPoweredOn } from './power-on.ts';

const RETI = 0x9518;
const OUT_SPL = 0xbe0d;
const OUT_SPH = 0xbe0e;
const OUT_MASK = 0xfe0f;
const SPM = 0x95e8;

/** avr8js takes an interrupt in 2 cycles, the ATmega328P in 4 (datasheet, section 7.7.1). */
const MISSING_INTERRUPT_CYCLES = 2;

/** What a peripheral has called at a later cycle. */
export type ClockEvent = Parameters<CPU['addClockEvent']>[0];

/** A clock event that may be put off: maps the cycles asked for to those until something can be observed. */
export type Postponement = (cycles: number) => number;

/**
 * avr8js's CPU as an ATmega328P, with what the datasheet says of interrupts (section 7.7): four cycles each, and one more instruction
 * after SEI, OUT SREG or RETI before the next. The stack pointer's minimum is kept.
 */
export class Atmega328p extends CPU {
  /**
   * Sampled where SP falls, but not between the halves of a 16-bit update: compilers write SPH first (and SREG next), and what SP holds
   * until SPL follows is no stack.
   */
  lowestStackPointer: number;
  /** What SPM does: nothing, unless self-programming is attached. */
  storeProgramMemory: () => void = () => {};
  readonly postponements = new Map<ClockEvent, Postponement>();
  private interruptsHeld = false;

  /** `data`: the data space to work on. */
  constructor(flash: Uint8Array, data: Uint8Array<ArrayBuffer>) {
    const program = new Uint8Array(FLASH_BYTES);
    program.set(flash);
    super(new Uint16Array(program.buffer), SRAM_BYTES);
    data.fill(0);
    fillAsPoweredOn(data);
    const { buffer, byteOffset } = data;
    Object.assign(this, {
      data,
      data16: new Uint16Array(buffer, byteOffset, DATA_SPACE_BYTES / 2),
      dataView: new DataView(buffer, byteOffset, DATA_SPACE_BYTES),
    });
    this.reset();
    this.lowestStackPointer = this.SP;
  }

  /** The cycle of the next clock event; Infinity if there is none. */
  get nextEventCycle(): number {
    return this['nextClockEvent']?.cycles ?? Infinity;
  }

  override get interruptsEnabled(): boolean {
    return (this.data[SREG] & INTERRUPTS_ENABLED) !== 0 && !this.interruptsHeld;
  }

  override addClockEvent(callback: ClockEvent, cycles: number): ClockEvent {
    const postpone = cycles > 0 ? this.postponements.get(callback) : undefined;
    return super.addClockEvent(callback, postpone ? postpone(cycles) : cycles);
  }

  override tick(): void {
    const { cycles } = this;
    super.tick();
    if (this.cycles !== cycles) {
      this.cycles += MISSING_INTERRUPT_CYCLES;
      this.sampleStackPointer();
    }
  }

  /** One instruction, then what is due of clock events and interrupts. */
  step(): void {
    const opcode = this.progMem[this.pc];
    const enabledBefore = (this.data[SREG] & INTERRUPTS_ENABLED) !== 0;
    const stackPointerBefore = this.SP;
    if (opcode === SPM) this.storeProgramMemory();
    executeInstruction(this);
    const out = opcode & OUT_MASK;
    if (out === OUT_SPL || (out !== OUT_SPH && this.SP < stackPointerBefore)) this.sampleStackPointer();
    this.interruptsHeld = !enabledBefore || opcode === RETI;
    this.tick();
    this.interruptsHeld = false;
  }

  private sampleStackPointer(): void {
    const stackPointer = this.SP;
    if (stackPointer < this.lowestStackPointer) this.lowestStackPointer = stackPointer;
  }
}
