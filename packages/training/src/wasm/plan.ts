import type { Architecture, Shape } from '@sparrow/model';
import { inferShapes, isWeighted, shapeSize } from '@sparrow/model';
import { BATCH_NORM_EPSILON, BATCH_NORM_MOMENTUM, INPUT_SCALE } from '../quantization/index.ts';
import type { Arena } from './arena.ts';
import { planLayer } from './layer-plan.ts';
import type { LayerPlan } from './layer-plan.ts';
import { allocateTensor, flatOffsets, LANES, mergeHalos, NO_HALO } from './tensors.ts';
import type { BatchTensor, Halo } from './tensors.ts';
import { backwardHalo, convolutionAxes, forwardHalo } from './windows.ts';

/** A network in wasm memory: the records of kernels/network.h and the arrays that they point to. */
export interface NetworkPlan {
  readonly address: number;
  readonly shapes: readonly Shape[];
  /** By tensor number. */
  readonly tensors: readonly BatchTensor[];
  readonly layers: readonly LayerPlan[];
  readonly images: number;
  readonly targets: number;
  readonly logits: number;
}

/** @throws ModelError if the architecture is not valid */
export function planNetwork(arena: Arena, architecture: Architecture, batchSize: number): NetworkPlan {
  const { layers, input } = architecture;
  const shapes = inferShapes(architecture);
  const groups = batchSize / LANES;
  const classes = shapes[shapes.length - 1].channels;
  const tensors = shapes.map((shape, tensor) =>
    allocateTensor(arena, shape, inputHalo(architecture, shapes, tensor), groups),
  );
  arena.viewFloats(tensors[0].scale, 1)[0] = INPUT_SCALE;
  const gradients = allocateGradients(arena, architecture, shapes, groups);
  const plans = planBackwards(arena, architecture, tensors, gradients, groups);
  const imageBytes = shapeSize(input);
  const pixelOffset = arena.integers(flatOffsets(tensors[0]));
  const images = arena.allocate(batchSize * imageBytes);
  const targets = arena.allocateWords(batchSize * classes);
  const logits = arena.allocateWords(batchSize * classes);
  const records = arena.records(plans.map(({ record }) => record));
  const statistics = [{ float: BATCH_NORM_EPSILON }, { float: BATCH_NORM_MOMENTUM }];
  const fields = [groups, classes, layers.length, records, tensors[0].address, imageBytes, pixelOffset];
  const address = arena.records([[...fields, images, targets, logits, ...statistics]]);
  return { address, shapes, tensors, layers: plans, images, targets, logits };
}

/** In the order in which gradients are computed: the first layer that writes a tensor's gradient stores, the others add. */
function planBackwards(
  arena: Arena,
  { layers }: Architecture,
  tensors: readonly BatchTensor[],
  gradients: readonly (BatchTensor | undefined)[],
  groups: number,
): LayerPlan[] {
  const written = new Set<number>();
  const plans: LayerPlan[] = [];
  for (let index = layers.length - 1; index >= 0; index--) {
    const layer = layers[index];
    const inputs = layer.inputs.map((tensor) => ({
      values: tensors[tensor],
      gradient: gradients[tensor],
      accumulates: written.has(tensor),
    }));
    layer.inputs.forEach((tensor) => written.add(tensor));
    plans.unshift(
      planLayer(arena, layer, inputs, { values: tensors[index + 1], gradient: gradients[index + 1] }, groups),
    );
  }
  return plans;
}

/** Zeros around a tensor, as the layers that read it need them. */
function inputHalo({ layers }: Architecture, shapes: readonly Shape[], tensor: number): Halo {
  const halos = layers.map((layer) =>
    (layer.kind === 'conv2d' || layer.kind === 'depthwiseConv2d') && layer.inputs[0] === tensor
      ? forwardHalo(convolutionAxes(layer, shapes[tensor]))
      : NO_HALO,
  );
  return mergeHalos(halos);
}

/** By tensor number; none where no weights come before. */
function allocateGradients(
  arena: Arena,
  { layers }: Architecture,
  shapes: readonly Shape[],
  groups: number,
): (BatchTensor | undefined)[] {
  const gradients: (BatchTensor | undefined)[] = [undefined];
  layers.forEach((layer, index) => {
    const needed = isWeighted(layer) || layer.inputs.some((tensor) => gradients[tensor]);
    const isConvolution = layer.kind === 'conv2d' || layer.kind === 'depthwiseConv2d';
    const halo = isConvolution ? backwardHalo(convolutionAxes(layer, shapes[layer.inputs[0]])) : NO_HALO;
    gradients.push(needed ? allocateTensor(arena, shapes[index + 1], halo, groups) : undefined);
  });
  return gradients;
}
