import type { Architecture, LayerSpec, Shape } from '../architecture.ts';
import { windowGeometry } from '../geometry.ts';
import { inferShapes } from '../shapes.ts';
import { type Allocation, allocate, type Buffer } from './arena.ts';
import { type RingLayout, ringLayout } from './layout.ts';
import { FIRST_ROW_MADE, type PreprocessingBuffers, requestPreprocessing } from './preprocessing.ts';
import { type Lifetime, simulate } from './schedule.ts';
import { planSteps, type Step } from './steps.ts';

export interface Ring extends RingLayout, Buffer {
  readonly tensor: number;
}

/** How a network lives in RAM: exact, and what the generator prints. */
export interface MemoryPlan {
  readonly shapes: readonly Shape[];
  readonly steps: readonly Step[];
  /** By tensor number; undefined for the logits and for tensors that never exist. */
  readonly rings: readonly (Ring | undefined)[];
  /** By step: the sums of dense layers (the logits among them) and global averages. */
  readonly accumulators: readonly (Buffer | undefined)[];
  /** Of a network whose images are preprocessed. */
  readonly preprocessing?: PreprocessingBuffers;
  /** By input row: the steps that run when it has come, or has been preprocessed, in this order. */
  readonly order: readonly (readonly number[])[];
  readonly arenaBytes: number;
}

interface Request extends Allocation {
  readonly ring?: RingLayout & { readonly tensor: number };
  readonly step?: number;
  readonly preprocessing?: keyof PreprocessingBuffers;
}

/** Bytes of one sum of the layer with this index, when it sums over rows. The logits always take 4. */
export type AccumulatorBytes = (layer: number) => 2 | 3 | 4;

/** Without the parameters nobody knows how wide the sums are, and 4 bytes always do. */
const WIDEST: AccumulatorBytes = () => 4;

/** Throws a `ModelError` if the architecture is not valid. */
export function planMemory(architecture: Architecture, accumulatorBytes: AccumulatorBytes = WIDEST): MemoryPlan {
  const shapes = inferShapes(architecture);
  const steps = planSteps(architecture, shapes);
  const waits = architecture.preprocessing !== undefined;
  const schedule = simulate(steps, shapes, waits ? FIRST_ROW_MADE : 0);
  const readers = (tensor: number): LayerSpec[] => architecture.layers.filter((layer) => layer.inputs.includes(tensor));
  const end = Math.max(...schedule.stepLifetimes.map(({ to }) => to)) + shapes[0].height;

  const requests: Request[] = [];
  shapes.slice(0, -1).forEach((shape, tensor) => {
    const lifetime = schedule.tensorLifetimes[tensor];
    if (!lifetime) return;
    const padding = Math.max(0, ...readers(tensor).map((layer) => paddingColumns(layer, shape)));
    const columns = tensor === 0 ? shape.width : usedColumns(steps, tensor);
    const ring = { ...ringLayout(shape, schedule.ringRows[tensor], columns, padding, tensor === 0), tensor };
    requests.push({ bytes: ring.bytes, lifetime, ring });
  });
  steps.forEach((step, index) => {
    if (!step.accumulates) return;
    const { from, to } = schedule.stepLifetimes[index];
    const isLast = step.output === shapes.length - 1;
    const width = isLast ? 4 : accumulatorBytes(step.layer);
    const lifetime: Lifetime = { from, to: isLast ? end : to };
    requests.push({ bytes: shapes[step.output].channels * width, lifetime, step: index });
  });

  if (waits) requests.push(...requestPreprocessing(shapes[0], schedule, end));

  const arena = allocate(requests);
  const place = (index: number): Buffer => {
    const { bytes, lifetime } = requests[index];
    const offset = arena.offsets[index];
    const shared = requests.some(
      (other, j) => j !== index && arena.offsets[j] < offset + bytes && offset < arena.offsets[j] + other.bytes,
    );
    return { bytes, lifetime, offset, shared };
  };
  const rings: (Ring | undefined)[] = shapes.map(() => undefined);
  const accumulators: (Buffer | undefined)[] = steps.map(() => undefined);
  requests.forEach(({ ring, step }, index) => {
    if (ring) rings[ring.tensor] = { ...ring, ...place(index) };
    if (step !== undefined) accumulators[step] = place(index);
  });
  const placeOf = (part: keyof PreprocessingBuffers): Buffer =>
    place(requests.findIndex(({ preprocessing }) => preprocessing === part));
  const preprocessing = waits
    ? { arrival: placeOf('arrival'), image: placeOf('image'), placement: placeOf('placement') }
    : undefined;
  return { shapes, steps, rings, accumulators, preprocessing, order: schedule.order, arenaBytes: arena.bytes };
}

function usedColumns(steps: readonly Step[], tensor: number): number {
  const producer = steps.find(({ output }) => output === tensor) as Step;
  return producer.outputColumns;
}

/** The most zero columns that a layer reads on one side of its input. */
function paddingColumns(layer: LayerSpec, input: Shape): number {
  if (layer.kind !== 'conv2d' && layer.kind !== 'depthwiseConv2d') return 0;
  const { window, stride, padLeft, output } = windowGeometry(layer, input);
  const right = (output.width - 1) * stride.width - padLeft + window.width - input.width;
  return Math.max(padLeft, right, 0);
}
