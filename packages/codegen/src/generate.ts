import {
  accumulatorBits,
  analyzeRanges,
  countMacs,
  inferShapes,
  type LayerSpec,
  type MemoryPlan,
  type Model,
  planMemory,
  type Ranges,
} from '@sparrow/model';
import { makeContext, type PrintedStep, type StepContext } from './context.ts';
import { encodingFor } from './encodings/index.ts';
import { printAddStep } from './operators/add.ts';
import { printAveragePoolStep } from './operators/average-pool.ts';
import { printConvolutionStep } from './operators/convolution.ts';
import { printDenseStep } from './operators/dense.ts';
import { printGlobalAveragePoolStep } from './operators/global-average-pool.ts';
import { printMaxPoolStep } from './operators/max-pool.ts';
import { printHeader, printPrologue } from './prologue.ts';
import { counterType, type NamedStep, printDriver, printStep } from './program.ts';
import type { Generate } from './sources.ts';
import { unsignedType } from './text.ts';
import { printWindow } from './window.ts';

/** Model → C sources; a pure function. Throws a `ModelError` if the model's architecture is not valid. */
export const generate: Generate = (model) => {
  const { plan, steps } = printSteps(model);
  const windowRows = Math.max(0, ...steps.map(({ printed }) => printed.windowRows ?? 0));
  const source = [
    printPrologue(plan, encodingHelpers(model.architecture.layers)),
    printWindow(windowRows),
    ...steps.map((step) => printStep(step, plan)),
    printDriver(steps, plan),
  ];
  const counterBytes = [unsignedType(plan.shapes[0].height), ...steps.map(({ step }) => counterType(step))].map(
    (type) => ({ uint8_t: 1, uint16_t: 2, uint32_t: 4 })[type],
  );
  const files = new Map([
    ['network.h', printHeader(model, plan)],
    ['network.c', source.filter(Boolean).join('\n')],
  ]);
  return {
    files,
    modelBytes: steps.reduce((sum, { printed }) => sum + printed.parameterBytes, 0),
    bufferBytes:
      plan.arenaBytes +
      plan.scratchBytes +
      2 * windowRows +
      counterBytes.reduce((a, b) => a + b) +
      steps.reduce((sum, { printed }) => sum + (printed.staticBytes ?? 0), 0),
    macs: countMacs(model.architecture).total,
  };
};

/** The memory plan of a model, whose weights prove how wide its sums have to be. */
export function planModel(model: Model, { accumulators, maxima }: Ranges = analyzeRanges(model)): MemoryPlan {
  const { layers } = model.architecture;
  const shapes = inferShapes(model.architecture);
  return planMemory(model.architecture, (index) => {
    const [tensor] = layers[index].inputs;
    const { height, width } = shapes[tensor];
    // A global average sums without its bias.
    if (layers[index].kind !== 'dense') return height * width * Math.max(...maxima[tensor]) < 65536 ? 2 : 4;
    return accumulatorBits(...accumulators[index]) === 16 ? 2 : 4;
  });
}

function printSteps(model: Model): { plan: MemoryPlan; steps: NamedStep[] } {
  const ranges = analyzeRanges(model);
  const plan = planModel(model, ranges);
  const steps = plan.steps.map((step, index): NamedStep => {
    const context = makeContext(model, plan, ranges, index);
    return { name: context.name, step, printed: printOperator(context) };
  });
  return { plan, steps };
}

function printOperator(context: StepContext): PrintedStep {
  const { layer } = context;
  switch (layer.kind) {
    case 'conv2d':
    case 'depthwiseConv2d':
      return printConvolutionStep(context, layer);
    case 'dense':
      return printDenseStep(context, layer);
    case 'maxPool':
      return printMaxPoolStep(context, layer);
    case 'averagePool':
      return printAveragePoolStep(context, layer);
    case 'globalAveragePool':
      return printGlobalAveragePoolStep(context);
    case 'add':
      return printAddStep(context);
  }
}

function encodingHelpers(layers: readonly LayerSpec[]): string {
  const helpers = layers.flatMap((layer) => ('weightBits' in layer ? [encodingFor(layer.weightBits).helpers] : []));
  return [...new Set(helpers)].join('\n');
}
