import {
  type AccumulatorRange,
  type LayerParameters,
  type LayerSpec,
  type MemoryPlan,
  type Model,
  parametersOfKind,
  type Ranges,
  type Ring,
  type Step,
} from '@sparrow/model';
import { union } from './ranges.ts';

/** What an operator is given to print one step of the program. */
export interface StepContext {
  readonly model: Model;
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
  /** No input pixel exceeds it. */
  readonly inputHighest: number;
}

/** What an operator prints. */
export interface PrintedStep {
  /** Tables and kernels; file scope. */
  readonly declarations: string;
  /** Statements that compute iteration `i`, which is a variable in scope. */
  readonly body: string;
  /** Parameters in flash. */
  readonly parameterBytes: number;
  /** Kernels for the chip. */
  readonly assembly?: string;
  /** Its kernel skips rows of taps outside of the image. */
  readonly clips?: boolean;
  /** Rows of a window that it opens; sizes the shared table of row pointers. */
  readonly windowRows?: number;
}

export function makeContext(model: Model, plan: MemoryPlan, ranges: Ranges, index: number): StepContext {
  const step = plan.steps[index];
  const accumulators = ranges.accumulators[step.layer];
  const layer = model.architecture.layers[step.layer];
  return {
    model,
    plan,
    index,
    step,
    layer,
    parameters: model.parameters[step.layer],
    name: layer.name,
    inputs: step.inputs.map((tensor) => plan.rings[tensor] as Ring),
    output: plan.rings[step.output],
    range: accumulators.length === 0 ? undefined : union(accumulators),
    inputHighest: Math.max(...ranges.maxima[step.inputs[0]]),
  };
}

/** The range of a layer that has accumulators. */
export function rangeOf({ range, name }: StepContext): AccumulatorRange {
  if (!range) throw new Error(`${name} has no accumulators`);
  return range;
}

export { parametersOfKind };

/** C pointer to the first pixel of row `row` (an expression, used once) of a ring that holds `usedRows` rows of the image. */
export function rowPointer(ring: Ring, row: string, usedRows: number): string {
  const base = `arena + ${ring.offset + ring.gap}`;
  if (ring.rows === 1 || row === '0') return `(${base})`;
  const slot = ring.rows >= usedRows ? row : `${row} % ${ring.rows}`;
  return `(${base} + (uint16_t)(${slot}) * ${ring.rowBytes})`;
}
