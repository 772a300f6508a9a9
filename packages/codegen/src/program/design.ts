import {
  accumulatorBits,
  analyzeRanges,
  inferShapes,
  isWeighted,
  type MaxPool,
  type MemoryPlan,
  type Model,
  ModelError,
  planMemory,
  type Ranges,
} from '@sparrow/model';
import { totalCycles } from '../assembly/ledger.ts';
import { makeContext, type PrintedStep, type StepContext } from '../context.ts';
import { printAddStep } from '../operators/add.ts';
import { printAveragePoolStep } from '../operators/average-pool.ts';
import { printConvolutionSteps } from '../operators/convolution.ts';
import { printDenseSteps } from '../operators/dense.ts';
import { printGlobalAveragePoolStep } from '../operators/global-average-pool.ts';
import { printMaxPoolStep } from '../operators/max-pool.ts';
import type { AvrProgram } from './avr.ts';
import { buildProgram } from './build.ts';
import { programCycles } from './cycles.ts';
import { codeBytes, firmwareFits } from './fit.ts';
import { type Make, swapOne } from './swap.ts';
import { cheapest, type Prices, type Way, weighWays } from './ways.ts';

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

/** Time counts most as long as code stays small: 5 KB for up to four layers with weights. Bytes count for more until it does. */
const SMALL_CODE: readonly Prices[] = [12, 18, 25, 35, 50, 70, 100].map((flashByte) => ({
  flashByte,
  scratchByte: 100,
}));
const SMALL_CODE_BYTES_PER_LAYER = 1280;
const SMALL_CODE_LAYERS = 4;

/** What is tried where that cannot be, or something does not fit the chip. */
const PRICES: readonly Prices[] = [
  { flashByte: 25, scratchByte: 100 },
  { flashByte: 25, scratchByte: 10_000 },
  { flashByte: 100, scratchByte: 1000 },
  { flashByte: 1000, scratchByte: 1000 },
  { flashByte: 10_000, scratchByte: 10_000 },
];

/** Everything that is decided before anything is printed. */
export function designProgram(model: Model): AvrProgram {
  const make = designer(model);
  const layers = model.architecture.layers.filter(isWeighted).length;
  const smallCode = SMALL_CODE_BYTES_PER_LAYER * Math.max(SMALL_CODE_LAYERS, layers);
  const suits = (program: AvrProgram): boolean => codeBytes(program) < smallCode && firmwareFits(program);
  for (const [index, prices] of SMALL_CODE.entries()) {
    const program = make((ways) => cheapest(ways, prices));
    if (suits(program))
      return index === 0 ? program : orSwapped(program, make, SMALL_CODE[index - 1], smallCode, suits);
  }
  for (const prices of PRICES) {
    const program = make((ways) => cheapest(ways, prices));
    if (firmwareFits(program)) return program;
  }
  return make((ways) => cheapest(ways, PRICES[PRICES.length - 1]));
}

/** At lower `prices` the code is too large, by a little maybe: one step less fast may be better than all of them at higher prices. */
function orSwapped(
  program: AvrProgram,
  make: Make,
  prices: Prices,
  smallCode: number,
  suits: (program: AvrProgram) => boolean,
): AvrProgram {
  const choose = (ways: readonly Way[]): Way => cheapest(ways, prices);
  const excess = codeBytes(make(choose)) - smallCode + 1;
  const swapped = excess > 0 ? swapOne(make, choose, excess, suits) : undefined;
  return swapped && cyclesOf(swapped) < cyclesOf(program) ? swapped : program;
}

function cyclesOf(program: AvrProgram): number {
  const { steps, driver } = programCycles(program);
  return driver + steps.reduce((sum, ledger) => sum + totalCycles(ledger), 0);
}

/** Makes programs from ways to compute each step, all of which give the same logits. */
export function designer(model: Model): Make {
  checkSizes(model);
  const ranges = analyzeRanges(model);
  const plan = planModel(model, ranges);
  const steps = plan.steps.map((step, index) => {
    const context = makeContext(model, plan, ranges, index);
    const pool = step.pool === undefined ? undefined : (model.architecture.layers[step.pool] as MaxPool);
    return { name: context.name, step, ways: weighWays(context.name, step, waysOf(context, pool)) };
  });
  return (choose) =>
    buildProgram(
      plan,
      steps.map(({ name, step, ways }, index) => ({ name, step, printed: choose(ways, index).printed })),
    );
}

/** Rows, columns and channels are counted in bytes. */
const LARGEST_SIDE = 255;

function checkSizes({ architecture }: Model): void {
  const { layers } = architecture;
  const shapes = inferShapes(architecture);
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
