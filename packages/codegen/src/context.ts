import {
  accumulatorBits,
  type AccumulatorRange,
  isWeighted,
  type LayerParameters,
  type LayerSpec,
  type MemoryPlan,
  type Model,
  parametersOfKind,
  type Ranges,
  type Ring,
  type Step,
  tiedGroups,
  type WeightedParameters,
} from '@sparrow/model';
import type { Assembly, Environment } from './assembly/assembly.ts';
import type { Register } from './assembly/registers.ts';
import { biasLayout, type BiasLayout } from './biases.ts';
import { union } from './ranges.ts';
import { multiplierLayout, type MultiplierLayout } from './requantization.ts';
import type { Scratch } from './scratch.ts';

/** A layer's own parameters beside its weights, and how they lie in flash. */
export interface OwnParameters {
  readonly parameters: WeightedParameters;
  readonly bias: BiasLayout;
  readonly multiplier: MultiplierLayout;
}

/** Layers that have the same weights: their tables are one, in which each has biases and multipliers of its own. */
export interface Tie {
  /** Names the table. */
  readonly owner: string;
  readonly members: readonly OwnParameters[];
  /** Which of them this layer is; the first one brings the table along. */
  readonly position: number;
}

/** What an operator is given to print one step of the program. */
export interface StepContext {
  readonly plan: MemoryPlan;
  readonly index: number;
  readonly step: Step;
  readonly layer: LayerSpec;
  readonly parameters: LayerParameters;
  /** Names the step's function and tables. */
  readonly name: string;
  readonly inputs: readonly Ring[];
  /** Absent for the logits. */
  readonly output?: Ring;
  /** What the accumulators of all channels can be; absent for maxPool. */
  readonly range?: AccumulatorRange;
  /** Of a layer with weights; one that is not tied is a tie of its own. */
  readonly tie?: Tie;
}

/**
 * A byte that differs between the iterations of a step. The schedule in flash carries it; one that is always the same
 * becomes a constant in the code.
 */
export interface Operand {
  readonly name: string;
  /** By iteration. */
  readonly values: readonly number[];
}

/** Where a step finds an operand while it runs. */
export type OperandValue = { readonly constant: number } | { readonly register: Register };

/** Of an operand that differs between iterations. */
export function registerOf(value: OperandValue): Register {
  if ('constant' in value) throw new Error('an operand that never changes has no register');
  return value.register;
}

/** What a step's assembly is made with. */
export interface StepFrame {
  readonly assembly: Assembly;
  readonly scratch: Scratch;
  /** Operands are in registers from r2 up, until the step uses these for something else. */
  operand(name: string): OperandValue;
}

/** Bytes in flash. */
export interface FlashTable {
  readonly name: string;
  readonly bytes: readonly number[];
}

/** One way to compute a step. */
export interface PrintedStep {
  /** For people: in what it differs from other ways. */
  readonly description: string;
  readonly tables: readonly FlashTable[];
  readonly operands: readonly Operand[];
  /** Portable C: functions at file scope, and the body of the step's own function, with its operands as variables in scope. */
  readonly twin: { readonly declarations: string; readonly body: string };
  /** The same for the chip. False if this way has no place in its registers. */
  emit(frame: StepFrame): boolean;
  /** Cycles depend on these besides the operands. */
  environment?(iteration: number): Environment;
  /** Parameters in flash. */
  readonly parameterBytes: number;
  /** Rows of a window that it opens; sizes the shared table of row pointers. */
  readonly windowRows?: number;
}

export function makeContext(model: Model, plan: MemoryPlan, ranges: Ranges, index: number): StepContext {
  const step = plan.steps[index];
  const accumulators = ranges.accumulators[step.layer];
  const layer = model.architecture.layers[step.layer];
  return {
    plan,
    index,
    step,
    layer,
    parameters: model.parameters[step.layer],
    name: layer.name,
    inputs: step.inputs.map((tensor) => plan.rings[tensor] as Ring),
    output: plan.rings[step.output],
    range: accumulators.length === 0 ? undefined : union(accumulators),
    tie: isWeighted(layer) ? makeTie(model, ranges, layer.name) : undefined,
  };
}

function makeTie(model: Model, ranges: Ranges, name: string): Tie {
  const { layers } = model.architecture;
  const names = tiedGroups(layers).find((group) => group.includes(name)) ?? [name];
  const members = names.map((member) => {
    const index = layers.findIndex((layer) => layer.name === member);
    return ownParametersOf(layers[index], model.parameters[index], union(ranges.accumulators[index]));
  });
  return { owner: names[0], members, position: names.indexOf(name) };
}

function ownParametersOf(layer: LayerSpec, layerParameters: LayerParameters, range: AccumulatorRange): OwnParameters {
  if (!isWeighted(layer)) throw new Error(`${layer.name} has no weights to share`);
  const parameters = parametersOfKind('weighted', layerParameters);
  return {
    parameters,
    bias: biasLayout(layer, parameters.bias, accumulatorBits(range) / 8),
    multiplier: multiplierLayout(layer, parameters.requantization),
  };
}

/** The tie of a layer with weights. */
export function tieOfStep({ tie, name }: StepContext): Tie {
  if (!tie) throw new Error(`${name} has no weights`);
  return tie;
}

/** The range of a layer that has accumulators. */
export function rangeOf({ range, name }: StepContext): AccumulatorRange {
  if (!range) throw new Error(`${name} has no accumulators`);
  return range;
}

/** The ring of a layer that does not give the logits. */
export function outputOf({ output, name }: StepContext): Ring {
  if (!output) throw new Error(`${name} cannot give the logits`);
  return output;
}

export { parametersOfKind };
