import type { DenseTile } from '../operators/dense.ts';

/** A kernel in C: `name(sums, weights, pixels)` adds one row of input to the sums of a tile of units. */
export function printDenseTile(tile: DenseTile): string {
  return printTwin(tile);
}

function printTwin(tile: DenseTile): string {
  const { units, planes, planeValues, planeStride, encoding } = tile;
  const [type, unsigned] = tile.storedBytes === 2 ? ['sum16', 'uint16_t'] : ['sum32', 'uint32_t'];
  const weight = encoding.weight('weights', 'value', 'unit', planes * planeValues, units);
  return `static void ${tile.kernelName}(${type} *sums, const uint8_t *weights, const uint8_t *pixels) {
  uint16_t value = 0;
  for (uint8_t plane = 0; plane < ${planes}; plane++, pixels += ${planeStride}) {
    for (uint16_t index = 0; index < ${planeValues}; index++, value++) {
      for (uint8_t unit = 0; unit < ${units}; unit++) {
        const int16_t product = (int16_t)${weight} * pixels[index];
        sums[unit] = (${unsigned})sums[unit] + (${unsigned})product;
      }
    }
  }
}
`;
}
