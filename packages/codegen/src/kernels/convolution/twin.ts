import { orbitSize } from '@sparrow/model';
import { readBias } from '../../biases.ts';
import { readMultiplier } from '../../requantization.ts';
import { indent } from '../../text.ts';
import { orbitBytes } from './orbits.ts';
import {
  type ConvolutionShape,
  type DenseLayout,
  type FilterLayout,
  isDense,
  kernelName,
  runBytes,
  runsPerRound,
} from './shape.ts';

/**
 * The portable form of a kernel: `name(row, filters)` computes one output row of the filters that are computed at a time,
 * and returns where the next ones begin. Filters that are transforms of one begin where it does; `steps` tells which of them is computed.
 */
export function printConvolutionTwin(shape: ConvolutionShape, layout: FilterLayout, requantizeName: string): string {
  const { kernelHeight, bias, others, multiplier, clips, pool, columns, stride, columnStride, orbits } = shape;
  const { encoding, filters } = layout;
  const weightsBefore = orbits ? orbitBytes(orbits) : 0;
  const biasAt = `filters + ${weightsBefore + filters * others.beforeBias} + filter * ${bias.bytes}`;
  const biasBytes = others.beforeBias + bias.bytes + others.behindBias;
  const multiplierAt = `multipliers + ${filters * others.beforeMultiplier} + filter * ${multiplier.bytesInFlash}`;
  const allMultiplierBytes = others.beforeMultiplier + multiplier.bytesInFlash + others.behindMultiplier;
  const parameters = [
    'uint8_t *row',
    'const uint8_t *filters',
    ...(clips ? ['uint8_t skip', 'uint8_t taps'] : []),
    ...(pool ? ['uint8_t mask'] : []),
    ...(orbits ? ['uint8_t steps'] : []),
  ];
  const weights = orbits
    ? `  unfold_${shape.layerName}(filters, steps);
  const uint8_t *const weights = unfolded_${shape.layerName};
  const uint8_t *const multipliers = filters + ${weightsBefore + biasBytes};
`
    : `  const uint8_t *const weights = filters + ${filters * biasBytes};
  const uint8_t *multipliers = weights;
  for (uint8_t i = 0; i < ${runsPerRound(shape, layout)}; i++) ${isDense(layout) ? `multipliers += ${runBytes(shape, layout)}` : passRun(layout)};
`;
  const next = `multipliers + ${filters * allMultiplierBytes}`;
  return `static const uint8_t *${kernelName(shape, encoding)}(${parameters.join(', ')}) {
${weights}${pool ? `  uint8_t unpooled[${columns}];\n` : ''}  for (uint8_t filter = 0; filter < ${filters}; filter++) {
    const uint32_t bias = ${readBias(bias, biasAt)};
    const uint16_t multiplier = ${readMultiplier(multiplier, multiplierAt)};
    uint8_t *pixel = ${pool ? 'unpooled' : 'row'};
    for (uint16_t column = 0; column < ${columns}; column++) {
      uint32_t sum = bias;
      const uint8_t *run = weights;
      for (uint8_t i = 0; i < ${kernelHeight}; i++) {
${clips ? `        if (i < skip || i >= skip + taps) {\n          ${skipRun(shape, layout)}\n          continue;\n        }\n` : ''}        const uint8_t *pixels = window[${clips ? 'i - skip' : 'i'}] + column * ${stride * columnStride};
${indent(isDense(layout) ? denseRun(shape, layout) : sparseTwin(layout), 8)}      }
      *pixel++ = ${requantizeName}((int32_t)sum, multiplier);
    }
${pool ? `    fold_${shape.layerName}(row, unpooled, mask);\n` : ''}    row += ${shape.outputStride};
  }
  return ${orbits ? `steps == ${orbitSize(orbits.layer) - 1} ? ${next} : filters` : next};
}
`;
}

function denseRun(shape: ConvolutionShape, layout: DenseLayout): string {
  const { kernelHeight, kernelWidth, channels, columnStride, channelStride } = shape;
  const { encoding, filters, joined } = layout;
  const [group, groups] = joined ? ['i', kernelHeight] : ['channel', channels];
  const weight = encoding.weight('run', group, `filter * ${kernelWidth} + tap`, groups, filters * kernelWidth);
  return `for (uint16_t channel = 0; channel < ${channels}; channel++, pixels += ${channelStride}) {
  for (uint8_t tap = 0; tap < ${kernelWidth}; tap++) {
    const int16_t product = (int16_t)${weight} * pixels[tap * ${columnStride}];
    sum += (uint32_t)product;
  }
}
${joined ? '' : `run += ${runBytes(shape, layout)};\n`}`;
}

function sparseTwin({ encoding }: FilterLayout): string {
  return encoding.kind === 'sparse' ? encoding.twin : '';
}

function passRun({ encoding }: FilterLayout): string {
  return encoding.kind === 'sparse' ? `multipliers += ${encoding.runBytes('multipliers')}` : '';
}

function skipRun(shape: ConvolutionShape, layout: FilterLayout): string {
  if (isDense(layout)) return `run += ${runBytes(shape, layout)};`;
  return `${passRun(layout).replaceAll('multipliers', 'run')};`;
}

/** Max-pooling of an unpooled row into an output row that already has the maximum of the rows above, if `mask` is 255. */
export function printFold(shape: ConvolutionShape): string {
  const width = shape.pool?.width;
  return `static void fold_${shape.layerName}(uint8_t *row, const uint8_t *pixel, uint8_t mask) {
  for (uint16_t column = 0; column < ${shape.columns / (shape.pool?.width ?? 1)}; column++) {
    uint8_t highest = *row & mask;
    for (uint8_t tap = 0; tap < ${width}; tap++) {
      const uint8_t value = *pixel++;
      if (value > highest) highest = value;
    }
    *row++ = highest;
  }
}
`;
}
