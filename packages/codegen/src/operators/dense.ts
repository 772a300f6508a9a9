import { type AccumulatorBits, accumulatorBits, type Dense, type Ring } from '@sparrow/model';
import { parametersOfKind, type PrintedStep, rangeOf, rowPointer, type StepContext } from '../context.ts';
import { type Encoding, encodingFor } from '../encodings/index.ts';
import { printDenseTile } from '../kernels/dense.ts';
import { multiplierBytes, printRequantize } from '../requantization.ts';
import { flashTable, signedType } from '../text.ts';

/** The units that one pass over a row of input feeds: all that the kernel is specialised to. */
export interface DenseTile {
  readonly kernelName: string;
  readonly units: number;
  /** The row is `planes` runs of `planeValues` bytes, `planeStride` apart. */
  readonly planes: number;
  readonly planeValues: number;
  readonly planeStride: number;
  readonly encoding: Encoding;
  readonly accumulatorBits: AccumulatorBits;
  /** Of a sum in RAM: the kernel may only need its low bytes. */
  readonly storedBytes: 2 | 4;
  readonly runBytes: number;
}

/** Most units whose sums fit the registers of a tile. */
const TILE_UNITS = { 16: 10, 24: 6, 32: 4 } as const;

/** Sizes of tiles that differ by one at most. */
export function tileSizes(units: number, largest: number): number[] {
  const tiles = Math.ceil(units / largest);
  return Array.from({ length: tiles }, (_, tile) => Math.floor((units + tiles - 1 - tile) / tiles));
}

/** Offsets (row, column, channel flattened) of the values of an input row, in the order in which they lie in RAM. */
function rowOrder(ring: Ring): number[] {
  const { columns, channels } = ring;
  if (ring.columnStride !== 1) return Array.from({ length: columns * channels }, (_, index) => index);
  return Array.from({ length: channels }, (_, k) => Array.from({ length: columns }, (_, c) => c * channels + k)).flat();
}

function planesOf(ring: Ring): { planes: number; planeValues: number; planeStride: number } {
  const values = ring.columns * ring.channels;
  if (ring.columnStride !== 1 || ring.channelStride === ring.columns || ring.channels === 1) {
    return { planes: 1, planeValues: values, planeStride: values };
  }
  return { planes: ring.channels, planeValues: ring.columns, planeStride: ring.channelStride };
}

/** Sums grow in RAM as the rows come; the last row's arrival ends them. */
export function printDenseStep(context: StepContext, layer: Dense): PrintedStep {
  const { plan, step, name } = context;
  const [ring] = context.inputs;
  const { weights, bias, requantization } = parametersOfKind('weighted', context.parameters);
  const input = plan.shapes[step.inputs[0]];
  const accumulators = plan.accumulators[context.index];
  if (!accumulators) throw new Error(`${name}: no accumulators`);

  const encoding = encodingFor(layer.weightBits);
  const range = rangeOf(context);
  const bits = accumulatorBits(range);
  const storedBytes = (accumulators.bytes / layer.units) as 2 | 4;
  const size = input.height * input.width * input.channels;
  const order = rowOrder(ring);
  const sizes = tileSizes(layer.units, TILE_UNITS[bits]);
  const tiles = sizes.map((units): DenseTile => ({
    kernelName: `dense_x${units}_${encoding.name}_acc${bits}_${name}`,
    units,
    ...planesOf(ring),
    encoding,
    accumulatorBits: bits,
    storedBytes,
    runBytes: encoding.pack(new Array<number>(order.length * units).fill(0), units).length,
  }));
  const bytes: number[] = [];
  for (let row = 0; row < input.height; row++) {
    let unit = 0;
    for (const { units } of tiles) {
      const run = order.flatMap((offset) =>
        Array.from({ length: units }, (_, u) => weights[(unit + u) * size + row * order.length + offset]),
      );
      bytes.push(...encoding.pack(run, units));
      unit += units;
    }
  }

  const sumType = storedBytes === 2 ? 'sum16' : 'sum32';
  const sums = `((${sumType} *)(arena + ${accumulators.offset}))`;
  const kernels = [...new Map(tiles.map((tile) => [tile.kernelName, tile])).values()];
  const calls: string[] = [];
  for (const { kernelName } of kernels) {
    const count = tiles.filter((tile) => tile.kernelName === kernelName).length;
    const { units, runBytes } = kernels.find((tile) => tile.kernelName === kernelName) as DenseTile;
    const call = `${kernelName}(sums, weights, pixels);\nsums += ${units};\nweights += ${runBytes};\n`;
    calls.push(
      count === 1 ? call : `for (uint8_t tile = 0; tile < ${count}; tile++) {\n${call.replace(/^(?=.)/gm, '  ')}}\n`,
    );
  }
  const rowBytes = bytes.length / input.height;
  const scaleType = requantization && multiplierBytes(requantization) === 1 ? 'uint8_t' : 'uint16_t';
  const readScale = scaleType === 'uint8_t' ? 'pgm_read_byte' : 'pgm_read_word';
  const units = layer.units;
  const counter = units < 256 ? 'uint8_t' : 'uint16_t';
  const extend =
    bits === 24
      ? `for (${counter} unit = 0; unit < ${units}; unit++) ${sums}[unit] = (int32_t)((uint32_t)${sums}[unit] << 8) >> 8;\n`
      : '';
  const finish = requantization
    ? `uint8_t *row = ${rowPointer(context.output as Ring, '0', 1)};
for (${counter} unit = 0; unit < ${units}; unit++) {
  row[unit${(context.output as Ring).channelStride === 1 ? '' : ` * ${(context.output as Ring).channelStride}`}] = requantize_${name}(${sums}[unit], ${readScale}(multipliers_${name} + unit));
}
`
    : '';
  const end = extend + finish;
  const body = `if (i == 0) memcpy_P(${sums}, bias_${name}, sizeof bias_${name});
${sumType} *sums = ${sums};
const uint8_t *weights = weights_${name} + (uint16_t)i * ${rowBytes};
const uint8_t *pixels = ${rowPointer(ring, 'i', input.height)};
${calls.join('')}${end === '' ? '' : `if (i == ${input.height - 1}) {\n${end.replace(/^(?=.)/gm, '  ')}}\n`}`;

  const declarations = [
    flashTable(signedType(storedBytes === 2 ? 16 : 32), `bias_${name}`, [...bias]),
    requantization ? flashTable(scaleType, `multipliers_${name}`, [...requantization.multipliers]) : '',
    flashTable('uint8_t', `weights_${name}`, bytes),
    requantization ? printRequantize(`requantize_${name}`, requantization, range) : '',
    ...kernels.map(printDenseTile),
  ];
  const parameterBytes = bytes.length + units * (storedBytes + (requantization ? multiplierBytes(requantization) : 0));
  return { declarations: declarations.filter(Boolean).join('\n'), body, parameterBytes };
}
