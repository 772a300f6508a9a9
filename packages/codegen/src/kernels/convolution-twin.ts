import type { ConvolutionShape } from '../operators/convolution.ts';
import { signedType } from '../text.ts';

/** The portable form of a kernel: `name(row, filter)` computes one output row of one filter from the open window. */
export function printConvolutionTwin(shape: ConvolutionShape): string {
  const { kernelHeight, kernelWidth, channels, encoding, biasBytes, runBytes, multiplierBytes } = shape;
  const unsigned = shape.accumulatorBits === 16 ? 'uint16_t' : 'uint32_t';
  const multiplierAt = `filter + ${biasBytes + kernelHeight * runBytes}`;
  const weight = encoding.weight('run', 'channel', 'tap', channels, kernelWidth);
  return `static void ${shape.kernelName}(uint8_t *row, const uint8_t *filter) {
  const ${unsigned} bias = ${readBias(biasBytes)};
  const uint16_t multiplier = ${multiplierBytes === 1 ? `pgm_read_byte(${multiplierAt})` : `read_u16(${multiplierAt})`};
  const uint8_t *weights = filter + ${biasBytes}${shape.clips ? ' + sparrow_above' : ''};
  for (uint16_t column = 0; column < ${shape.columns}; column++) {
    ${unsigned} sum = bias;
    const uint8_t *run = weights;
    for (uint8_t i = 0; i < ${shape.clips ? 'sparrow_taps' : kernelHeight}; i++, run += ${runBytes}) {
      const uint8_t *pixels = sparrow_window[i] + column * ${shape.stride * shape.columnStride};
      for (uint16_t channel = 0; channel < ${channels}; channel++, pixels += ${shape.channelStride}) {
        for (uint8_t tap = 0; tap < ${kernelWidth}; tap++) {
          const int16_t product = (int16_t)${weight} * pixels[tap * ${shape.columnStride}];
          sum += (${unsigned})product;
        }
      }
    }
    row[column] = ${shape.requantizeName}((${signedType(shape.accumulatorBits)})sum, multiplier);
  }
}
`;
}

function readBias(bytes: number): string {
  return { 2: 'read_u16(filter)', 3: 'read_s24(filter)', 4: 'read_u32(filter)' }[bytes] as string;
}
