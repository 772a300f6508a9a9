import { signedType } from '../../text.ts';
import { type ConvolutionShape, type FilterLayout, filterBytes, kernelName, outputColumns, runBytes } from './shape.ts';

/** The portable form of a kernel: `name(row, filters)` computes one output row of the filters that are computed at a time. */
export function printConvolutionTwin(shape: ConvolutionShape, layout: FilterLayout, requantizeName: string): string {
  const { kernelHeight, kernelWidth, channels, accumulatorBits, multiplierBytes, clips, pool, columns } = shape;
  const { encoding, filters } = layout;
  const unsigned = accumulatorBits === 16 ? 'uint16_t' : 'uint32_t';
  const biasBytes = accumulatorBits / 8;
  const bytes = runBytes(shape, layout);
  const name = kernelName(shape, encoding);
  const multiplier = `filters + ${filterBytes(shape, layout) - filters * multiplierBytes} + filter * ${multiplierBytes}`;
  const weight = encoding.weight('run', 'channel', `filter * ${kernelWidth} + tap`, channels, filters * kernelWidth);
  const parameters = [
    'uint8_t *row',
    'const uint8_t *filters',
    ...(clips ? ['uint8_t skip', 'uint8_t taps'] : []),
    ...(pool ? ['uint8_t mask'] : []),
  ];
  const skipped = clips ? ` + skip * ${bytes}` : '';
  return `static void ${name}(${parameters.join(', ')}) {
${pool ? `  uint8_t unpooled[${columns}];\n` : ''}  for (uint8_t filter = 0; filter < ${filters}; filter++) {
    const ${unsigned} bias = ${readBias(biasBytes, `filters + filter * ${biasBytes}`)};
    const uint16_t multiplier = ${multiplierBytes === 1 ? `pgm_read_byte(${multiplier})` : `read_u16(${multiplier})`};
    uint8_t *pixel = ${pool ? 'unpooled' : 'row'};
    for (uint16_t column = 0; column < ${columns}; column++) {
      ${unsigned} sum = bias;
      const uint8_t *run = filters + ${filters * biasBytes}${skipped};
      for (uint8_t i = 0; i < ${clips ? 'taps' : kernelHeight}; i++, run += ${bytes}) {
        const uint8_t *pixels = window[i] + column * ${shape.stride * shape.columnStride};
        for (uint16_t channel = 0; channel < ${channels}; channel++, pixels += ${shape.channelStride}) {
          for (uint8_t tap = 0; tap < ${kernelWidth}; tap++) {
            const int16_t product = (int16_t)${weight} * pixels[tap * ${shape.columnStride}];
            sum += (${unsigned})product;
          }
        }
      }
      *pixel++ = ${requantizeName}((${signedType(accumulatorBits)})sum, multiplier);
    }
${pool ? `    fold_${shape.layerName}(row, unpooled, mask);\n` : ''}    row += ${shape.outputStride};
  }
}
`;
}

function readBias(bytes: number, at: string): string {
  return { 2: `read_u16(${at})`, 3: `read_s24(${at})`, 4: `read_u32(${at})` }[bytes] as string;
}

/** Max-pooling of an unpooled row into an output row that already has the maximum of the rows above, if `mask` is 255. */
export function printFold(shape: ConvolutionShape): string {
  const width = shape.pool?.width;
  return `static void fold_${shape.layerName}(uint8_t *row, const uint8_t *pixel, uint8_t mask) {
  for (uint16_t column = 0; column < ${outputColumns(shape)}; column++) {
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
