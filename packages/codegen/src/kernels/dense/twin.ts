import type { Ring } from '@sparrow/model';
import { readBias } from '../../biases.ts';
import { rowPointer } from '../../rows.ts';
import { type DenseShape, type DenseTile, planeBytes, tileBytes, tileRuns } from './shape.ts';
import { chunkBytes, type DenseChunk, stationaryRowBytes } from './stationary.ts';

function kernelName({ layerName, accumulatorBits }: DenseShape, { encoding, units }: DenseTile): string {
  return `dense_x${units}_${encoding.name}_acc${accumulatorBits}_${layerName}`;
}

/** A kernel, and how many tiles of units it computes. */
interface KernelCall {
  readonly name: string;
  readonly units: number;
  readonly count: number;
  /** Bytes of a tile's weights for one row. */
  readonly bytes: number;
}

/** The portable form: `name(sums, weights, pixels)` adds one row of input to the sums of a tile of units. */
export function printDenseTwin(shape: DenseShape, tiles: readonly DenseTile[]) {
  const runs = tileRuns(tiles.map(({ units }) => units)).map(({ units, count }) => ({
    tile: tiles.find((tile) => tile.units === units) as DenseTile,
    count,
  }));
  const calls = runs.map(({ tile, count }): KernelCall => {
    return { name: kernelName(shape, tile), units: tile.units, count, bytes: tileBytes(shape, tile) };
  });
  return {
    declarations: runs.map(({ tile }) => printKernel(shape, tile)).join('\n'),
    body: (ring: Ring, output?: Ring) => printBody(shape, calls, ring, output),
  };
}

/** The same with the values of a chunk in registers: unit by unit, chunk by chunk. */
export function printStationaryTwin(shape: DenseShape, chunk: DenseChunk) {
  const { units, accumulatorBits, layerName } = shape;
  const name = `dense_stationary_${chunk.encoding.name}_acc${accumulatorBits}_${layerName}`;
  const call = { name, units, count: 1, bytes: stationaryRowBytes(shape, chunk) };
  return {
    declarations: printStationaryKernel(shape, chunk, name),
    body: (ring: Ring, output?: Ring) => printBody(shape, [call], ring, output),
  };
}

function printStationaryKernel(shape: DenseShape, chunk: DenseChunk, name: string): string {
  const { planes, values, stride, units } = shape;
  const weight = chunk.encoding.weight('weights', 'value', '0', chunk.values, 1);
  return `static void ${name}(uint32_t *sums, const uint8_t *weights, const uint8_t *pixels) {
  for (uint16_t plane = 0; plane < ${planes}; plane++, pixels += ${stride}) {
    for (uint16_t first = 0; first < ${values}; first += ${chunk.values}) {
      for (uint8_t unit = 0; unit < ${units}; unit++, weights += ${chunkBytes(chunk)}) {
        for (uint8_t value = 0; value < ${chunk.values}; value++) {
          const int16_t product = (int16_t)${weight} * pixels[first + value];
          sums[unit] += (uint32_t)product;
        }
      }
    }
  }
}
`;
}

function printKernel(shape: DenseShape, tile: DenseTile): string {
  const { planes, values, stride } = shape;
  const { encoding, units } = tile;
  const weight = encoding.weight('weights', `(value * ${units} + unit)`, '0', values * units, 1);
  return `static void ${kernelName(shape, tile)}(uint32_t *sums, const uint8_t *weights, const uint8_t *pixels) {
  for (uint16_t plane = 0; plane < ${planes}; plane++, pixels += ${stride}, weights += ${planeBytes(shape, tile)}) {
    for (uint16_t value = 0; value < ${values}; value++) {
      for (uint8_t unit = 0; unit < ${units}; unit++) {
        const int16_t product = (int16_t)${weight} * pixels[value];
        sums[unit] += (uint32_t)product;
      }
    }
  }
}
`;
}

function printBody(shape: DenseShape, calls: readonly KernelCall[], ring: Ring, output?: Ring): string {
  const { layerName: name, units, rows, multiplierBytes } = shape;
  const { bytes } = shape.bias;
  const rowBytes = calls.reduce((sum, call) => sum + call.count * call.bytes, 0);
  const readMultiplier = multiplierBytes === 1 ? 'pgm_read_byte' : 'read_u16';
  const inline = output !== undefined && rows === 1;
  const first = rows === 1 ? '' : 'if (i == 0) ';
  const last = rows === 1 ? '' : `if (i == ${rows - 1}) `;
  const run = calls.map((call) => {
    const loadBias = `${first}for (uint8_t unit = 0; unit < ${call.units}; unit++, weights += ${bytes}) sums[unit] = ${readBias(shape.bias, 'weights')};`;
    const activate = `for (uint8_t unit = 0; unit < ${call.units}; unit++, weights += ${multiplierBytes}, row += ${shape.outputStride}) *row = requantize_${name}((int32_t)sums[unit], ${readMultiplier}(weights));`;
    return `for (uint8_t tile = 0; tile < ${call.count}; tile++) {
  ${loadBias}
  ${call.name}(sums, weights, pixels);
  weights += ${call.bytes};
${inline ? `  ${activate}\n` : ''}  sums += ${call.units};
}
`;
  });
  const activateAll = `${last}for (uint8_t unit = 0; unit < ${units}; unit++, row += ${shape.outputStride}) *row = requantize_${name}((int32_t)sums_${name}[unit], ${readMultiplier}(multipliers_${name} + unit * ${multiplierBytes}));\n`;
  const publish = `${last}memcpy(logits, sums_${name}, sizeof logits);\n`;
  return `static uint32_t sums_${name}[${units}];
uint32_t *sums = sums_${name};
const uint8_t *weights = weights_${name}${rows === 1 ? '' : ` + i * ${rowBytes} + (i == 0 ? 0 : ${bytes * units})`};
const uint8_t *pixels = ${rowPointer(ring, 'slot')};
${output ? `uint8_t *row = ${rowPointer(output, 'out')};\n` : ''}${run.join('')}${output ? (inline ? '' : activateAll) : publish}`;
}
