import {
  accumulatorBits,
  analyzeRanges,
  countMacs,
  inferShapes,
  type LayerSpec,
  type MaxPool,
  type MemoryPlan,
  type Model,
  ModelError,
  planMemory,
  type Ranges,
} from '@sparrow/model';
import { makeContext, type PrintedStep, type StepContext } from './context.ts';
import { encodingsFor } from './encodings/index.ts';
import { printAddStep } from './operators/add.ts';
import { printAveragePoolStep } from './operators/average-pool.ts';
import { printConvolutionSteps } from './operators/convolution.ts';
import { printDenseSteps } from './operators/dense.ts';
import { printGlobalAveragePoolStep } from './operators/global-average-pool.ts';
import { printMaxPoolStep } from './operators/max-pool.ts';
import { printAvr, staticBytes } from './program/avr.ts';
import { buildProgram } from './program/build.ts';
import { printHeader, printPortable } from './program/portable.ts';
import { chooseStep } from './program/step-code.ts';
import type { Generate } from './sources.ts';

/** Model → C and assembly; a pure function. Throws a `ModelError` if the model's architecture is not valid. */
export const generate: Generate = (model) => {
  const program = programOf(model);
  const { plan, steps } = program;
  return {
    files: new Map([
      ['network.h', printHeader(model, plan)],
      ['network.c', printPortable({ ...program, helpers: encodingHelpers(model.architecture.layers) })],
      ['kernels.S', printAvr(program)],
    ]),
    modelBytes: steps.reduce((sum, { printed }) => sum + printed.parameterBytes, 0),
    bufferBytes: staticBytes(program),
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
    if (layers[index].kind === 'dense') return (accumulatorBits(...accumulators[index]) / 8) as 2 | 3 | 4;
    // A global average sums without its bias.
    const highest = height * width * Math.max(...maxima[tensor]);
    return highest < 2 ** 16 ? 2 : highest < 2 ** 24 ? 3 : 4;
  });
}

/** Everything that is decided before anything is printed. */
export function programOf(model: Model) {
  checkSizes(model);
  const ranges = analyzeRanges(model);
  const plan = planModel(model, ranges);
  const ways = plan.steps.map((step, index) => {
    const context = makeContext(model, plan, ranges, index);
    const pool = step.pool === undefined ? undefined : (model.architecture.layers[step.pool] as MaxPool);
    return { name: context.name, step, printed: chooseStep(context.name, step, waysOf(context, pool)) };
  });
  return buildProgram(plan, ways);
}

/** Rows, columns and channels are counted in bytes. */
const LARGEST_SIDE = 255;

function checkSizes({ architecture: { input, layers } }: Model): void {
  const shapes = inferShapes({ input, layers });
  shapes.forEach(({ height, width, channels }, tensor) => {
    if (Math.max(height, width, channels) <= LARGEST_SIDE) return;
    const where = tensor === 0 ? 'the input' : `the output of ${layers[tensor - 1].name}`;
    throw new ModelError(
      `${where} is ${height}×${width}×${channels}: on the chip no side may exceed ${LARGEST_SIDE}; pool or cut it first`,
    );
  });
}

function waysOf(context: StepContext, pool?: MaxPool): PrintedStep[] {
  const { layer } = context;
  switch (layer.kind) {
    case 'conv2d':
    case 'depthwiseConv2d':
      return printConvolutionSteps(context, layer, pool);
    case 'dense':
      return printDenseSteps(context, layer);
    case 'maxPool':
      return [printMaxPoolStep(context, layer)];
    case 'averagePool':
      return [printAveragePoolStep(context, layer)];
    case 'globalAveragePool':
      return [printGlobalAveragePoolStep(context)];
    case 'add':
      return [printAddStep(context)];
  }
}

function encodingHelpers(layers: readonly LayerSpec[]): string[] {
  const helpers = layers.flatMap((layer) =>
    'weightBits' in layer ? encodingsFor(layer.weightBits).map((encoding) => encoding.helpers) : [],
  );
  return [...new Set(helpers)];
}
