import { type Conv2d, type DepthwiseConv2d, orbitSize, type Tap, type WeightedParameters } from '@sparrow/model';
import { packBias } from '../biases.ts';
import { parametersOfKind, type StepContext, tieOfStep } from '../context.ts';
import { type PackedRun, type Signs, signsOf, type SparseEncoding, type SparseEntry } from '../encodings/index.ts';
import type { SignCounts } from '../encodings/by-sign.ts';
import { packOrbit, type Orbits } from '../kernels/convolution/orbits.ts';
import { type ConvolutionShape, type FilterLayout, type SparseRuns } from '../kernels/convolution/shape.ts';
import { packMultiplier } from '../requantization.ts';

export type ConvolutionLayer = Conv2d | DepthwiseConv2d;

export interface PackedFilters {
  readonly bytes: readonly number[];
  /** Where the filters that are computed at a time end, or those of an orbit. */
  readonly ends: readonly number[];
  /** Of a sparse layer. */
  readonly runs?: SparseRuns;
  /** Of a layer whose filters are a single row of taps. */
  readonly signs?: SignCounts;
}

/** All filters in the order in which the kernel reads them; undefined if the encoding cannot hold them. */
export function packFilters(
  context: StepContext,
  layer: ConvolutionLayer,
  shape: ConvolutionShape,
  { encoding, filters, joined }: FilterLayout,
): PackedFilters | undefined {
  const parameters = parametersOfKind('weighted', context.parameters);
  const { members } = tieOfStep(context);
  const { kernelHeight, kernelWidth } = shape;
  if (shape.orbits) return packOrbits(context, shape, shape.orbits);
  const bytes: number[] = [];
  const ends: number[] = [];
  const sparseRuns: PackedRun[][] = [];
  for (let first = 0; first < shape.filters; first += filters) {
    const together = Array.from({ length: filters }, (_, index) => first + index);
    const rows = Array.from({ length: kernelHeight }, (_, row) => filterRun(layer, parameters, shape, together, row));
    for (const { parameters: own, bias } of members) {
      bytes.push(...together.flatMap((filter) => packBias(own.bias[filter], bias)));
    }
    if (encoding.kind === 'dense') {
      const dense = joined ? [rows.flat()] : rows;
      bytes.push(...dense.flatMap((run) => encoding.pack(run, filters * kernelWidth)));
    } else {
      const runs = rows.map((run) => packSparse(encoding, shape, run));
      if (!runs.every((run) => run !== undefined)) return undefined;
      bytes.push(...runs.flatMap((run) => run.bytes));
      sparseRuns.push(runs);
    }
    for (const { parameters: own, multiplier } of members) {
      const multipliers = together.map((filter) => own.requantization?.multipliers[filter] ?? 0);
      bytes.push(...multipliers.flatMap((value) => packMultiplier(value, multiplier)));
    }
    ends.push(bytes.length);
  }
  if (encoding.kind === 'sparse') return { bytes, ends, runs: sparseRuns };
  return { bytes, ends, signs: kernelHeight * kernelWidth === 1 ? countSigns(layer, parameters, shape) : undefined };
}

/** The first filter of each orbit, and what all of the orbit have for bias and multiplier. */
function packOrbits(context: StepContext, { filters }: ConvolutionShape, orbits: Orbits): PackedFilters {
  const { weights } = parametersOfKind('weighted', context.parameters);
  const { members } = tieOfStep(context);
  const { layer, channels } = orbits;
  const { height, width } = layer.kernel;
  const bytes: number[] = [];
  const ends: number[] = [];
  for (let first = 0; first < filters; first += orbitSize(layer)) {
    const weightAt = ({ row, column, channel }: Tap): number =>
      weights[((first * height + row) * width + column) * channels + channel];
    bytes.push(
      ...packOrbit(orbits, weightAt),
      ...members.flatMap(({ parameters, bias }) => packBias(parameters.bias[first], bias)),
      ...members.flatMap(({ parameters, multiplier }) => {
        return packMultiplier(parameters.requantization?.multipliers[first] ?? 0, multiplier);
      }),
    );
    ends.push(bytes.length);
  }
  return { bytes, ends };
}

/** The mean over filters. */
function countSigns(layer: ConvolutionLayer, parameters: WeightedParameters, shape: ConvolutionShape): SignCounts {
  const runs = Array.from({ length: shape.filters }, (_, filter) =>
    signsOf(filterRun(layer, parameters, shape, [filter], 0)),
  );
  const mean = (value: (signs: Signs) => number) => {
    const result = runs.reduce((sum, run) => sum + value(run), 0) / runs.length;
    return () => result;
  };
  return {
    changes: mean(({ changes }) => changes),
    negatives: mean(({ negatives }) => negatives),
    endsPlus: mean(({ endsPlus }) => endsPlus),
  };
}

function packSparse(
  encoding: SparseEncoding,
  { kernelWidth, columnStride, channelStride }: ConvolutionShape,
  run: readonly number[],
): PackedRun | undefined {
  const places = run
    .map((weight, index) => ({
      weight,
      address: Math.floor(index / kernelWidth) * channelStride + (index % kernelWidth) * columnStride,
    }))
    .filter(({ weight }) => weight !== 0)
    .sort((a, b) => a.address - b.address);
  const entries = places.map(({ weight, address }, index): SparseEntry => {
    return { weight, distance: address - (index === 0 ? 0 : places[index - 1].address) };
  });
  return encoding.pack(entries);
}

/** One row of taps: channel by channel, in each the taps of one filter after the other. */
function filterRun(
  layer: ConvolutionLayer,
  { weights }: WeightedParameters,
  { channels, filters: allFilters }: ConvolutionShape,
  filters: readonly number[],
  row: number,
): number[] {
  const { height, width } = layer.kernel;
  const weightAt = (filter: number, tap: number, channel: number): number =>
    layer.kind === 'depthwiseConv2d'
      ? weights[(row * width + tap) * allFilters + filter]
      : weights[((filter * height + row) * width + tap) * channels + channel];
  return Array.from({ length: channels }, (_, channel) =>
    filters.map((filter) => Array.from({ length: width }, (_, tap) => weightAt(filter, tap, channel))),
  ).flat(2);
}
