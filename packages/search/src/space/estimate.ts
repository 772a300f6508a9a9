import {
  betweenRowsBytes,
  countMacs,
  hasNarrowMultipliers,
  inferShapes,
  isWeighted,
  orbitSize,
  planMemory,
  shapeSize,
  tieOf,
  weightCount,
  weightsPerChannel,
  type Architecture,
  type LayerSpec,
  type Shape,
  type WeightedLayer,
} from '@sparrow/model';
import type { ChipCost } from '../evaluation/chip-cost.ts';

/**
 * Cycles of the generator's kernels, from docs/kernels.md: for each multiply-accumulate, and for each output. They depend on
 * widths of sums above all. Good enough to tell what is worth a closer look: mostly within 20 %.
 */
const CYCLES = {
  conv2d: { narrow: [4.4, 40], wide: [5.4, 60] },
  depthwiseConv2d: { narrow: [4.2, 34], wide: [6, 45] },
  dense: { narrow: [8.3, 60], wide: [10.2, 80] },
  pool: 30,
  poolInput: 6,
  add: 26,
  preprocessedPixel: 98,
} as const;

/** Of the HIL program and what is the same in all networks. */
const FLASH_BYTES = 1_500;
/** Code of a layer, by whether it has weights. */
const LAYER_CODE_BYTES = { weighted: 480, other: 60 } as const;
/** Of a bias or a multiplier. */
const CHANNEL_BYTES = { usual: 2, narrow: 1 } as const;
/** HIL program, stack, and what layers share. */
const RAM_BYTES = 40;
/** Code that preprocesses images. */
const PREPROCESSING_CODE_BYTES = 1_950;
const CLOCK_KILOHERTZ = 16_000;

/**
 * What a network will about take, in well under a millisecond: samplers ask for it by the thousand. `sparsity`: the fraction of weights
 * that will be 0. `predictArchitecture` knows better, in some fifty milliseconds.
 *
 * @throws ModelError if the architecture is not valid
 */
export function estimateCost(architecture: Architecture, sparsity = 0): ChipCost {
  const shapes = inferShapes(architecture);
  const macs = countMacs(architecture);
  const { layers, preprocessing } = architecture;
  let cycles = 3_000 + (preprocessing ? CYCLES.preprocessedPixel * shapeSize(shapes[0]) : 0);
  let modelBytes = 0;
  let codeBytes = preprocessing ? PREPROCESSING_CODE_BYTES : 0;
  layers.forEach((layer, index) => {
    const input = shapes[layer.inputs[0]];
    const output = shapes[index + 1];
    cycles += layerCycles(layer, input, output, macs.byLayer[index], sparsity);
    codeBytes += isWeighted(layer) ? LAYER_CODE_BYTES.weighted : LAYER_CODE_BYTES.other;
    if (isWeighted(layer)) modelBytes += parameterBytes(layer, input, output, sparsity);
  });
  return {
    flashBytes: FLASH_BYTES + codeBytes + modelBytes,
    modelBytes,
    ramBytes: planMemory(architecture).arenaBytes + scratchBytes(architecture, shapes) + RAM_BYTES,
    cycles,
    milliseconds: cycles / CLOCK_KILOHERTZ,
    macs: macs.total,
  };
}

/** What steps and preprocessing share. */
function scratchBytes(architecture: Architecture, shapes: readonly Shape[]): number {
  const between = architecture.preprocessing === undefined ? 0 : betweenRowsBytes(shapes[0].width);
  return Math.max(unfoldedBytes(architecture, shapes), between);
}

/** The largest filter of those that are unfolded in RAM before they are computed. */
function unfoldedBytes({ layers }: Architecture, shapes: readonly Shape[]): number {
  const symmetric = layers.filter(isWeighted).filter((layer) => orbitSize(layer) > 1);
  return Math.max(0, ...symmetric.map((layer) => weightsPerChannel(layer, shapes[layer.inputs[0]])));
}

function layerCycles(layer: LayerSpec, input: Shape, output: Shape, macs: number, sparsity: number): number {
  const outputs = output.height * output.width * output.channels;
  switch (layer.kind) {
    case 'maxPool':
    case 'averagePool':
      return outputs * (CYCLES.pool / 4) * layer.window.height * layer.window.width;
    case 'globalAveragePool':
      return input.height * input.width * input.channels * CYCLES.poolInput;
    case 'add':
      return outputs * CYCLES.add;
    default: {
      const isNarrow = layer.accumulatorBits !== undefined || layer.weightBits < 8;
      const [perMac, perOutput] = CYCLES[layer.kind][isNarrow ? 'narrow' : 'wide'];
      const skipped = layer.kind === 'conv2d' ? Math.max(0, 1.5 * sparsity - 0.5) : 0;
      return macs * perMac * (1 - skipped) + outputs * perOutput;
    }
  }
}

/** Sparse weights take twice their bytes, for their positions: they are stored so where that is less. */
function parameterBytes(layer: WeightedLayer, input: Shape, output: Shape, sparsity: number): number {
  const orbit = orbitSize(layer);
  const channels = (layer.kind === 'dense' ? layer.units : output.channels) / orbit;
  const dense = Math.ceil((weightCount(layer, input) * layer.weightBits) / 8 / orbit);
  const sparse = layer.kind === 'conv2d' ? 2 * dense * (1 - sparsity) : dense;
  const weights = tieOf(layer) === undefined ? Math.min(dense, Math.ceil(sparse)) : 0;
  return weights + channelBytes(layer) * channels;
}

/** Bias and multiplier; where biases take a byte, most multipliers do. */
function channelBytes(layer: WeightedLayer): number {
  const bias = layer.biasBits === undefined ? 'usual' : 'narrow';
  const multiplier = hasNarrowMultipliers(layer) ? 'narrow' : bias;
  return CHANNEL_BYTES[bias] + CHANNEL_BYTES[multiplier];
}
