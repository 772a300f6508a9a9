import type { Ring } from '@sparrow/model';
import { rowPointer } from '../../rows.ts';
import { type DenseShape, type DenseTile, planeBytes, sumBytes, tileBytes, tileRuns } from './shape.ts';

function kernelName({ layerName, accumulatorBits }: DenseShape, { encoding, units }: DenseTile): string {
  return `dense_x${units}_${encoding.name}_acc${accumulatorBits}_${layerName}`;
}

/** The portable form: `name(sums, weights, pixels)` adds one row of input to the sums of a tile of units. */
export function printDenseTwin(shape: DenseShape, tiles: readonly DenseTile[]) {
  const kernels = tileRuns(tiles.map(({ units }) => units)).map(({ units, count }) => ({
    tile: tiles.find((tile) => tile.units === units) as DenseTile,
    count,
  }));
  return {
    declarations: kernels.map(({ tile }) => printKernel(shape, tile)).join('\n'),
    body: (ring: Ring, output?: Ring) => printBody(shape, tiles, kernels, ring, output),
  };
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

function printBody(
  shape: DenseShape,
  tiles: readonly DenseTile[],
  kernels: readonly { readonly tile: DenseTile; readonly count: number }[],
  ring: Ring,
  output?: Ring,
): string {
  const { layerName: name, units, rows, multiplierBytes } = shape;
  const bytes = sumBytes(shape);
  const rowBytes = tiles.reduce((sum, tile) => sum + tileBytes(shape, tile), 0);
  const readBias = { 2: '(uint32_t)(int32_t)(int16_t)read_u16', 3: 'read_s24', 4: 'read_u32' }[bytes];
  const readMultiplier = multiplierBytes === 1 ? 'pgm_read_byte' : 'read_u16';
  const inline = output !== undefined && rows === 1;
  const first = rows === 1 ? '' : 'if (i == 0) ';
  const last = rows === 1 ? '' : `if (i == ${rows - 1}) `;
  const run = kernels.map(({ tile, count }) => {
    const loadBias = `${first}for (uint8_t unit = 0; unit < ${tile.units}; unit++, weights += ${bytes}) sums[unit] = ${readBias}(weights);`;
    const activate = `for (uint8_t unit = 0; unit < ${tile.units}; unit++, weights += ${multiplierBytes}, row += ${shape.outputStride}) *row = requantize_${name}((int32_t)sums[unit], ${readMultiplier}(weights));`;
    return `for (uint8_t tile = 0; tile < ${count}; tile++) {
  ${loadBias}
  ${kernelName(shape, tile)}(sums, weights, pixels);
  weights += ${tileBytes(shape, tile)};
${inline ? `  ${activate}\n` : ''}  sums += ${tile.units};
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
