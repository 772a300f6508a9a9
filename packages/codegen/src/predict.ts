import { countMacs, type Model } from '@sparrow/model';
import { type Ledger, totalCycles } from './assembly/ledger.ts';
import { HIL } from './hil-overhead.ts';
import { type AvrProgram, flashBytes, stackBytes, staticBytes } from './program/avr.ts';
import { programCycles } from './program/cycles.ts';
import { designProgram } from './program/design.ts';
import { firmwareFlashBytes } from './program/fit.ts';

export interface PredictedLayer {
  readonly name: string;
  /** How it is computed, for people. */
  readonly description: string;
  readonly macs: number;
  readonly cycles: number;
  /** The same by what they go into. */
  readonly phases: Readonly<Ledger>;
  readonly codeBytes: number;
  readonly parameterBytes: number;
}

/** What a network takes on the chip, with the HIL program around it, as it would be measured; and without, as a library. */
export interface Prediction {
  readonly flashBytes: number;
  readonly modelBytes: number;
  readonly ramBytes: { readonly static: number; readonly stack: number; readonly total: number };
  readonly cycles: number;
  readonly cyclesPerMac: number;
  readonly macs: number;
  /** The network alone, as a sketch would link it. */
  readonly library: { readonly flashBytes: number; readonly ramBytes: number };
  /** Static and stack that are neither rows nor sums. */
  readonly ramBytesBeyondBuffers: number;
  readonly layers: readonly PredictedLayer[];
}

/**
 * Flash, RAM and cycles of a model, without compiling or running anything: the generator knows the size and time of each instruction, and
 * none of them depends on the image.
 */
export function predict(model: Model): Prediction {
  return predictProgram(model, designProgram(model));
}

export function predictProgram(model: Model, program: AvrProgram): Prediction {
  const macs = countMacs(model.architecture);
  const cycles = measuredCycles(program);
  const stack = measuredStack(program, cycles);
  const staticRam = staticBytes(program);
  return {
    flashBytes: firmwareFlashBytes(program),
    modelBytes: program.steps.reduce((sum, { printed }) => sum + printed.parameterBytes, 0),
    ramBytes: { static: staticRam, stack, total: staticRam + stack },
    cycles,
    cyclesPerMac: cycles / macs.total,
    macs: macs.total,
    library: { flashBytes: flashBytes(program), ramBytes: staticRam + stackBytes(program).peak },
    ramBytesBeyondBuffers: staticRam + stack - program.plan.arenaBytes,
    layers: predictLayers(program, macs.byLayer),
  };
}

/** As the chip's timer counts them. */
function measuredCycles(program: AvrProgram): number {
  const { steps, driver } = programCycles(program);
  const calls = 1 + program.plan.order.length;
  const computing = driver + steps.reduce((sum, ledger) => sum + totalCycles(ledger), 0);
  const counted = computing + HIL.cyclesPerCall * calls;
  return counted + HIL.cyclesPerOverflow * Math.floor(counted / HIL.cyclesBetweenOverflows);
}

/**
 * The interrupt comes while steps run, and hardly ever just where the stack is deepest. An image is placed before it can come: the largest takes
 * half of the time until then.
 */
function measuredStack(program: AvrProgram, cycles: number): number {
  const { running, peak } = stackBytes(program);
  const interrupted = cycles < HIL.cyclesBetweenOverflows ? 0 : running + HIL.interruptStackBytes;
  return Math.max(HIL.stackBytes, HIL.callerStackBytes + Math.max(peak, interrupted));
}

function predictLayers(program: AvrProgram, macs: readonly number[]): PredictedLayer[] {
  const cycles = programCycles(program).steps;
  return program.steps.map(({ name, step, printed, assembly }, index) => ({
    name,
    description: printed.description,
    macs: macs[step.layer],
    cycles: totalCycles(cycles[index]),
    phases: cycles[index],
    codeBytes: 2 * assembly.words,
    parameterBytes: printed.parameterBytes,
  }));
}
