import {
  type AccumulatorBits,
  accumulatorBits,
  type AccumulatorRange,
  type Conv2d,
  type DepthwiseConv2d,
  type Requantization,
  windowGeometry,
} from '@sparrow/model';
import { parametersOfKind, type PrintedStep, rangeOf, type StepContext } from '../context.ts';
import { type Encoding, encodingFor, littleEndian } from '../encodings/index.ts';
import { printConvolutionAssembly } from '../kernels/convolution.ts';
import { printConvolutionTwin } from '../kernels/convolution-twin.ts';
import { chooseTile } from '../kernels/tile.ts';
import { chipOrHost, flashTable } from '../text.ts';
import { largestMultiplier } from '../ranges.ts';
import { multiplierBytes, printRequantize } from '../requantization.ts';
import { openWindow, outputRow } from '../window.ts';

/** A convolution's filter row: all that its kernel is specialised to. */
export interface ConvolutionShape {
  readonly kernelName: string;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly stride: number;
  /** Input channels that a filter sums over; 1 for depthwise. */
  readonly channels: number;
  readonly columnStride: number;
  readonly channelStride: number;
  /** Output pixels of a row. */
  readonly columns: number;
  readonly encoding: Encoding;
  readonly accumulatorBits: AccumulatorBits;
  readonly range: AccumulatorRange;
  readonly requantization: Requantization;
  readonly largestMultiplier: number;
  readonly shift: 0 | 8 | 16 | 24;
  readonly requantizeName: string;
  /** Some rows of taps may be outside of the image. */
  readonly clips: boolean;
  /** A filter in flash is its bias, `kernelHeight` runs of weights, its multiplier. */
  readonly biasBytes: number;
  readonly runBytes: number;
  readonly multiplierBytes: 1 | 2;
  readonly filterBytes: number;
}

interface ResolvedConvolution {
  readonly shape: ConvolutionShape;
  readonly filters: readonly (readonly number[])[];
  readonly filterStride: number;
  readonly windowCode: string;
}

/** Weights of filter `filter` for kernel row `row`, in the order in which the kernel reads them: channel by channel. */
function filterRun(
  layer: Conv2d | DepthwiseConv2d,
  weights: Int8Array,
  inputChannels: number,
  filter: number,
  row: number,
): number[] {
  const { height, width } = layer.kernel;
  const taps = Array.from({ length: width }, (_, tap) => tap);
  if (layer.kind === 'depthwiseConv2d') return taps.map((tap) => weights[(row * width + tap) * inputChannels + filter]);
  const at = (tap: number, channel: number) =>
    weights[((filter * height + row) * width + tap) * inputChannels + channel];
  return Array.from({ length: inputChannels }, (_, channel) => taps.map((tap) => at(tap, channel))).flat();
}

function resolve(context: StepContext, layer: Conv2d | DepthwiseConv2d): ResolvedConvolution {
  const { step, plan, name } = context;
  const { weights, bias, requantization } = parametersOfKind('weighted', context.parameters);
  if (!requantization) throw new Error(`${name}: a convolution without requantization`);
  const [ring] = context.inputs;
  const input = plan.shapes[step.inputs[0]];
  const { padLeft } = windowGeometry(layer, input);
  const depthwise = layer.kind === 'depthwiseConv2d';
  const { height, width } = layer.kernel;
  const encoding = encodingFor(layer.weightBits);

  const runs = Array.from({ length: bias.length }, (_, filter) =>
    Array.from({ length: height }, (_, row) => filterRun(layer, weights, input.channels, filter, row)),
  );
  const range = rangeOf(context);
  const bits = accumulatorBits(range);
  const biasBytes = bits / 8;
  const scaleBytes = multiplierBytes(requantization);
  const filters = runs.map((filter, index) => [
    ...littleEndian(bias[index], biasBytes),
    ...filter.flatMap((run) => encoding.pack(run, width)),
    ...littleEndian(requantization.multipliers[index], scaleBytes),
  ]);
  const window = openWindow(step, ring, input.height, -padLeft * ring.columnStride);
  const kind = depthwise ? 'depthwise_conv2d' : 'conv2d';
  const shape: ConvolutionShape = {
    kernelName: `${kind}_${height}x${width}_${encoding.name}_acc${bits}_${name}`,
    kernelHeight: height,
    kernelWidth: width,
    stride: layer.stride,
    channels: depthwise ? 1 : input.channels,
    columnStride: ring.columnStride,
    channelStride: ring.channelStride,
    columns: step.computedColumns,
    encoding,
    accumulatorBits: bits,
    range,
    requantization,
    largestMultiplier: largestMultiplier(requantization),
    shift: requantization.shift,
    requantizeName: `requantize_${name}`,
    clips: window.clips,
    biasBytes,
    runBytes: encoding.pack(runs[0][0], width).length,
    multiplierBytes: scaleBytes,
    filterBytes: filters[0].length,
  };
  return { shape, filters, filterStride: depthwise ? ring.channelStride : 0, windowCode: window.code };
}

/** conv2d and depthwiseConv2d, with a max-pool folded in or without: filter by filter, each a row of output pixels. */
export function printConvolutionStep(context: StepContext, layer: Conv2d | DepthwiseConv2d): PrintedStep {
  const { step, name, output } = context;
  if (!output) throw new Error(`${name}: a convolution cannot give the logits`);
  const { shape, filters, filterStride, windowCode } = resolve(context, layer);
  const table = `filters_${name}`;
  const pooled = step.pool !== undefined;
  const rows = shape.clips ? 'sparrow_taps' : String(shape.kernelHeight);
  const fold = pooled ? `  fold_${name}(row, i % ${step.rowsPerOutput} == 0);\n` : '';
  const nextChannel =
    filterStride === 0 ? '' : `  for (uint8_t tap = 0; tap < ${rows}; tap++) sparrow_window[tap] += ${filterStride};\n`;
  const clip = shape.clips
    ? `sparrow_above = skip * ${shape.runBytes};
sparrow_below = (${shape.kernelHeight} - skip - sparrow_taps) * ${shape.runBytes};
`
    : '';
  const body = `${windowCode}${clip}uint8_t *row = ${outputRow(step, output)};
const uint8_t *filter = ${table};
for (uint8_t remaining = ${filters.length}; remaining != 0; remaining--) {
  ${shape.kernelName}(${pooled ? 'scratch' : 'row'}, filter);
${fold}${nextChannel}  filter += ${shape.filterBytes};
  row += ${output.channelStride};
}
`;
  const foldWidth = shape.columns / output.columns;
  const tile = chooseTile(shape);
  const twin = `${printRequantize(shape.requantizeName, shape.requantization, shape.range)}\n${printConvolutionTwin(shape)}`;
  const declarations = [
    flashTable('uint8_t', table, filters.flat()),
    tile ? chipOrHost(`void ${shape.kernelName}(uint8_t *row, const uint8_t *filter);\n`, twin) : twin,
    pooled ? printFold(`fold_${name}`, output.columns, foldWidth) : '',
  ];
  return {
    declarations: declarations.filter(Boolean).join('\n'),
    assembly: tile && printConvolutionAssembly(shape, tile),
    clips: shape.clips,
    body,
    parameterBytes: filters.length * shape.filterBytes,
    windowRows: shape.kernelHeight,
  };
}

/** Max-pooling of a scratch row into an output row that already has the maximum of the rows above. */
function printFold(name: string, columns: number, width: number): string {
  return `static void ${name}(uint8_t *row, uint8_t is_first) {
  const uint8_t *pixel = scratch;
  for (uint8_t column = 0; column < ${columns}; column++) {
    uint8_t highest = is_first ? 0 : *row;
    for (uint8_t tap = 0; tap < ${width}; tap++) {
      const uint8_t value = *pixel++;
      if (value > highest) highest = value;
    }
    *row++ = highest;
  }
}
`;
}
