import { accumulatorBits, type MaxPool, orbitSize, windowGeometry } from '@sparrow/model';
import { X } from '../assembly/registers.ts';
import { type ConvolutionLayer, packFilters, type PackedFilters } from './filters.ts';
import {
  outputOf,
  parametersOfKind,
  type PrintedStep,
  rangeOf,
  type StepContext,
  type Tie,
  tieOfStep,
} from '../context.ts';
import { type DenseEncoding, denseEncodingsFor, int8InRam, sparseEncodingsFor } from '../encodings/index.ts';
import { hasCorrection } from '../kernels/convolution/correction.ts';
import { emitConvolution } from '../kernels/convolution/kernel.ts';
import type { Orbits } from '../kernels/convolution/orbits.ts';
import {
  type ConvolutionShape,
  type FilterLayout,
  kernelName,
  type OtherBytes,
  runBytes,
} from '../kernels/convolution/shape.ts';
import { hasNeighbours } from '../kernels/convolution/sparse-run.ts';
import { placeTile, type TileChoice } from '../kernels/convolution/tile.ts';
import { printConvolutionTwin, printFold } from '../kernels/convolution/twin.ts';
import { canUnfold, printUnfold } from '../kernels/convolution/unfold.ts';
import { largestMultiplier, smallestMultiplier } from '../ranges.ts';
import { printRequantize } from '../requantization.ts';
import { Scratch } from '../scratch.ts';
import {
  clipping,
  foldMask,
  inputSlot,
  insideBits,
  loadRowAddress,
  outputSlot,
  rowPointer,
  windowSlot,
} from '../rows.ts';
import { openWindow, openWindowInC } from '../window.ts';

/** conv2d and depthwiseConv2d, with a max-pool folded in or without: filter by filter, each a row of output pixels. */
export function printConvolutionSteps(context: StepContext, layer: ConvolutionLayer, pool?: MaxPool): PrintedStep[] {
  const shape = resolveShape(context, layer, pool);
  const packed = new Map<string, PackedFilters | undefined>();
  const pack = (layout: FilterLayout): PackedFilters | undefined => {
    const key = `${layout.encoding.name} ${layout.filters} ${layout.joined}`;
    if (!packed.has(key)) packed.set(key, packFilters(context, layer, shape, layout));
    return packed.get(key);
  };
  const [side] = denseEncodingsFor(layer.weightBits);
  const mostBytes =
    MOST_SPARSE_BYTES[layer.weightBits] * (pack({ encoding: side, filters: 1, joined: false })?.bytes.length ?? 0);
  const shared = tieOfStep(context).members.length > 1;
  const joined = shared || shape.orbits ? [] : joinedChoices(shape, layer);
  return (joined.length > 0 ? joined : tileChoices(shape, layer, shared)).flatMap((choice) => {
    const filters = pack(choice);
    if (!filters || (filters.runs && filters.bytes.length > mostBytes)) return [];
    return [printStep(context, layer, shape, choice, filters)];
  });
}

/** What a sparse layer may take in flash, as a multiple of what it takes with all zeros: who asks for few bits wants it small. */
const MOST_SPARSE_BYTES = { 8: 1.2, 4: 1.2, 2: 2.5 } as const;

function resolveShape(context: StepContext, layer: ConvolutionLayer, pool?: MaxPool): ConvolutionShape {
  const { step, plan, name } = context;
  const { bias, requantization } = parametersOfKind('weighted', context.parameters);
  if (!requantization) throw new Error(`${name}: a convolution without requantization`);
  const [ring] = context.inputs;
  const input = plan.shapes[step.inputs[0]];
  const depthwise = layer.kind === 'depthwiseConv2d';
  const range = rangeOf(context);
  const { clips, mostAbove, mostBelow } = clipping(step, input.height);
  const tie = tieOfStep(context);
  return {
    layerName: name,
    depthwise,
    filters: bias.length,
    kernelHeight: layer.kernel.height,
    kernelWidth: layer.kernel.width,
    stride: layer.stride,
    channels: depthwise ? 1 : input.channels,
    columnStride: ring.columnStride,
    channelStride: ring.channelStride,
    columns: step.computedColumns,
    accumulatorBits: accumulatorBits(range),
    range,
    requantization,
    smallestMultiplier: smallestMultiplier(requantization),
    largestMultiplier: largestMultiplier(requantization),
    shift: requantization.shift,
    bias: tie.members[tie.position].bias,
    multiplier: tie.members[tie.position].multiplier,
    orbits: orbitsOf(layer, input.channels),
    others: otherBytes(tie),
    clips,
    mostAbove,
    mostBelow,
    pool: pool?.window,
    outputStride: outputOf(context).channelStride,
  };
}

function orbitsOf(layer: ConvolutionLayer, channels: number): Orbits | undefined {
  if (layer.kind !== 'conv2d' || layer.symmetry === undefined) return undefined;
  const encoding = denseEncodingsFor(layer.weightBits).find(({ offset }) => offset === 0) as DenseEncoding;
  const orbits = { layer, channels, encoding };
  return canUnfold(orbits) ? orbits : undefined;
}

function otherBytes({ members, position }: Tie): OtherBytes {
  const [before, behind] = [members.slice(0, position), members.slice(position + 1)].map((others) => ({
    bias: others.reduce((sum, { bias }) => sum + bias.bytes, 0),
    multiplier: others.reduce((sum, { multiplier }) => sum + multiplier.bytesInFlash, 0),
  }));
  return {
    beforeBias: before.bias,
    behindBias: behind.bias,
    beforeMultiplier: before.multiplier,
    behindMultiplier: behind.multiplier,
  };
}

/** More pixels or filters than these never fit the registers. */
const MOST_SUMS = 12;

/**
 * Ways to compute a layer; the best is found by counting what each takes. Layers that share weights have them in the one way that all of them
 * can read, and biases of a byte go with weights that are loaded signed.
 */
function tileChoices(shape: ConvolutionShape, layer: ConvolutionLayer, shared: boolean): TileChoice[] {
  const { columns, filters, kernelHeight, kernelWidth, channels, depthwise, orbits } = shape;
  const oneWay = depthwise || shared || orbits !== undefined;
  const choices = oneWay ? [] : sparseChoices(shape, layer);
  for (const encoding of orbits ? [int8InRam] : denseEncodings(shape, layer, shared)) {
    for (let pixels = 1; pixels <= Math.min(MOST_SUMS, columns); pixels++) {
      for (const together of oneWay || kernelWidth > 2 ? [1] : [1, 2, 3, 4]) {
        if (filters % together !== 0 || together * pixels > MOST_SUMS) continue;
        for (const unrolled of channels === 1 && kernelHeight > 1 && kernelHeight <= 3 ? [false, true] : [false]) {
          choices.push(...loopsOverChannels({ encoding, filters: together, joined: false, pixels, unrolled }, shape));
        }
      }
    }
  }
  return choices;
}

/** Of weights that are read from flash. */
function denseEncodings(shape: ConvolutionShape, { weightBits }: ConvolutionLayer, shared: boolean): DenseEncoding[] {
  const signed = shared || shape.bias.stepExponent !== undefined;
  return denseEncodingsFor(weightBits).filter(({ offset }) => offset === 0 || (hasCorrection(shape) && !signed));
}

/** Rows of taps are joined where each is computed on its own: code for more of them would outweigh what it saves. */
const MOST_JOINED_ROWS = 5;

/**
 * Ways to compute a layer with its rows of taps joined, where that saves bytes and the layer asks for few, by biases of a byte. Those of them
 * that fit the registers: time would speak for other ways, but these are the ones that it is to be computed in.
 */
function joinedChoices(shape: ConvolutionShape, layer: ConvolutionLayer): TileChoice[] {
  const { kernelHeight, kernelWidth, channels, depthwise, columns, clips, bias } = shape;
  const single = channels === 1 && (depthwise || kernelWidth > 2);
  if (bias.stepExponent === undefined || clips || !single || kernelHeight > MOST_JOINED_ROWS) return [];
  const signed = denseEncodingsFor(layer.weightBits).filter(({ offset }) => offset === 0);
  return signed.flatMap((encoding) => {
    const layout = { encoding, filters: 1, joined: true };
    const apart = kernelHeight * runBytes(shape, { ...layout, joined: false });
    if (runBytes(shape, layout) >= apart) return [];
    return Array.from({ length: Math.min(MOST_SUMS, columns) }, (_, index) => index + 1)
      .flatMap((pixels) => loopsOverChannels({ ...layout, pixels, unrolled: true }, shape))
      .filter((choice) => placeTile(shape, choice, new Scratch()) !== undefined);
  });
}

/** Unrolled more or less, and with pointers that move from pixel to pixel, or once a round. */
function loopsOverChannels(
  choice: Omit<TileChoice, 'channelsUnrolled' | 'displaced' | 'bySign'>,
  shape: ConvolutionShape,
): TileChoice[] {
  const { channels, columnStride } = shape;
  const large = choice.filters * choice.pixels >= 4;
  const unrolled = ([1, 2, 4] as const).filter((times) => times === 1 || (large && channels >= 2 * times));
  const signs = canGoBySign(shape, choice) ? [false, true] : [false];
  return unrolled.flatMap((channelsUnrolled) => {
    const walks = columnStride > 1 ? [true, false] : channelsUnrolled > 1 ? [false, true] : [false];
    return walks.flatMap((displaced) => signs.map((bySign) => ({ ...choice, channelsUnrolled, displaced, bySign })));
  });
}

/** Pointwise filters one by one, with sums that are wider than products. */
function canGoBySign(
  { kernelHeight, kernelWidth, depthwise, accumulatorBits, orbits }: ConvolutionShape,
  { encoding, filters }: FilterLayout,
): boolean {
  const pointwise = kernelHeight * kernelWidth === 1 && !depthwise && !orbits;
  return pointwise && filters === 1 && accumulatorBits > 16 && encoding.kind === 'dense' && encoding.offset === 0;
}

/** One filter at a time, since no two have their weights at the same places. */
function sparseChoices(shape: ConvolutionShape, { weightBits }: ConvolutionLayer): TileChoice[] {
  const encodings = sparseEncodingsFor(weightBits).filter(
    ({ usesNeighbours }) => !usesNeighbours || hasNeighbours(shape),
  );
  return encodings.flatMap((encoding) =>
    Array.from({ length: Math.min(MOST_SUMS, shape.columns) }, (_, index): TileChoice => {
      return {
        encoding,
        filters: 1,
        joined: false,
        pixels: index + 1,
        unrolled: false,
        channelsUnrolled: 1,
        displaced: true,
        bySign: false,
      };
    }),
  );
}

function printStep(
  context: StepContext,
  layer: ConvolutionLayer,
  shape: ConvolutionShape,
  choice: TileChoice,
  { bytes, ends, runs, signs }: PackedFilters,
): PrintedStep {
  const { step, plan } = context;
  const [ring] = context.inputs;
  const output = outputOf(context);
  const { height } = plan.shapes[step.inputs[0]];
  const { padLeft } = windowGeometry(layer, plan.shapes[step.inputs[0]]);
  const { skip, taps } = clipping(step, height);
  const columnOffset = -padLeft * ring.columnStride;
  const { owner, position } = tieOfStep(context);
  const table = `filters_${owner}`;
  const bits = choice.unrolled && shape.clips;
  const slot = bits ? windowSlot(step, ring) : inputSlot(step, ring);
  return {
    description: describe(shape, choice),
    tables: position === 0 ? [{ name: table, bytes }] : [],
    parameterBytes: position === 0 ? bytes.length : 0,
    operands: [
      slot,
      ...(shape.clips ? [skip, taps] : []),
      ...(bits ? [insideBits(step, height)] : []),
      outputSlot(step, output),
      ...((shape.pool?.height ?? 1) > 1 ? [foldMask(step)] : []),
    ],
    environment: (iteration) => ({ skip: skip.values[iteration], taps: taps.values[iteration] }),
    twin: printTwin(context, shape, choice, { table, columnOffset, bits }),
    windowRows: shape.kernelHeight,
    emit: (frame) =>
      emitConvolution(frame, shape, choice, { table, ends, runs, signs }, () => {
        openWindow(frame, ring, slot.name, shape.clips && !bits ? 'taps' : shape.kernelHeight, columnOffset);
        loadRowAddress(frame, X, output, 'out', 24);
      }),
  };
}

function describe(shape: ConvolutionShape, choice: TileChoice): string {
  const { pixels, filters, joined, unrolled, channelsUnrolled, displaced, bySign, encoding } = choice;
  return [
    `${kernelName(shape, encoding)}: ${pixels} pixels × ${filters} filters`,
    ...(joined ? ['rows joined'] : unrolled ? ['rows unrolled'] : []),
    ...(channelsUnrolled > 1 ? [`${channelsUnrolled} channels at a time`] : []),
    ...(bySign ? ['by sign'] : []),
    ...(displaced && encoding.kind === 'dense' ? ['displaced'] : []),
    ...(shape.pool ? ['max-pool in registers'] : []),
    ...(shape.orbits ? [`unfolded from ${shape.orbits.encoding.name} by ${shape.orbits.layer.symmetry}`] : []),
  ].join(', ');
}

interface TwinDetails {
  readonly table: string;
  readonly columnOffset: number;
  /** The window has all rows, also those outside of the image. */
  readonly bits: boolean;
}

function printTwin(
  context: StepContext,
  shape: ConvolutionShape,
  choice: TileChoice,
  { table, columnOffset, bits }: TwinDetails,
): PrintedStep['twin'] {
  const [ring] = context.inputs;
  const { name } = context;
  const kernel = kernelName(shape, choice.encoding);
  const rows = shape.clips && !bits ? 'taps' : String(shape.kernelHeight);
  const rounds = shape.filters / choice.filters;
  const parameters = [
    'row',
    'filters',
    ...(shape.clips ? ['skip', 'taps'] : []),
    ...(shape.pool ? ['mask'] : []),
    ...(shape.orbits ? [`round % ${orbitSize(shape.orbits.layer)}`] : []),
  ];
  const nextChannel = `  for (uint8_t tap = 0; tap < ${rows}; tap++) window[tap] += ${shape.channelStride};\n`;
  const shift = bits ? `for (uint8_t tap = 0; tap < taps; tap++) window[tap] = window[tap + skip];\n` : '';
  const mask = shape.pool && shape.pool.height === 1 ? 'const uint8_t mask = 0;\n' : '';
  const body = `${mask}${openWindowInC(ring, rows, columnOffset)}${shift}uint8_t *row = ${rowPointer(outputOf(context), 'out')};
const uint8_t *filters = ${table};
for (uint8_t round = 0; round < ${rounds}; round++) {
  filters = ${kernel}(${parameters.join(', ')});
${shape.depthwise ? nextChannel : ''}  row += ${choice.filters * shape.outputStride};
}
`;
  const requantizeName = `requantize_${name}`;
  const declarations = [
    printRequantize(requantizeName, shape.requantization, shape.range),
    shape.pool ? printFold(shape) : '',
    shape.orbits ? printUnfold(name, shape.orbits) : '',
    printConvolutionTwin(shape, choice, requantizeName),
  ];
  return { declarations: declarations.filter(Boolean).join('\n'), body };
}
