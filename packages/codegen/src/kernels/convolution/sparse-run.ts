import type { Assembly, Environment } from '../../assembly/assembly.ts';
import { addToPair, copy } from '../../assembly/idioms.ts';
import { PRODUCT_HIGH, PRODUCT_LOW, r, type Register, X, Y } from '../../assembly/registers.ts';
import type { Gap, MeanOver, SparseEncoding, SparseOperations } from '../../encodings/index.ts';
import { multiplyAccumulate } from '../multiply-accumulate.ts';
import type { ConvolutionShape, SparseRuns } from './shape.ts';
import type { Tile } from './tile.ts';

function encodingOf({ encoding }: Tile): SparseEncoding {
  if (encoding.kind !== 'sparse') throw new Error(`${encoding.name} is not sparse`);
  return encoding;
}

function counterOf({ registers: { channels } }: Tile): Register {
  if (!('register' in channels)) throw new Error('the counter of rounds is in a register');
  return channels.register;
}

function meanOver(runs: SparseRuns): MeanOver {
  return (value) => {
    const means = new Map<string, number>();
    return ({ skip, taps }) => {
      const key = `${skip} ${taps}`;
      let mean = means.get(key);
      if (mean === undefined) {
        const inside = runs.flatMap((rows) => rows.slice(skip, skip + taps));
        mean = inside.reduce((sum, run) => sum + value(run), 0) / Math.max(1, inside.length);
        means.set(key, mean);
      }
      return mean;
    };
  };
}

/** One row of taps: each weight that is stored meets its pixels. */
export function emitRun(assembly: Assembly, shape: ConvolutionShape, tile: Tile, runs: SparseRuns): void {
  const { weights, pixel, carry, zero, start } = tile.registers;
  const registers = { weight: weights[0], pair: carry, pixel, zero: zero as Register, counter: counterOf(tile) };
  if (start !== undefined) copy(assembly, [start, start + 1], [Y, Y + 1]);
  encodingOf(tile).emitRun(assembly, registers, operationsOf(assembly, shape, tile), meanOver(runs));
}

/** Whether a tap's pixels are those of the tap before, moved by a byte, and products need no sign extension. */
export function hasNeighbours({ stride, columnStride, kernelWidth, accumulatorBits }: ConvolutionShape): boolean {
  return stride * columnStride === 1 && kernelWidth > 1 && accumulatorBits === 16;
}

/** To the row's first pixel; if no registers keep it, the window pointer, which is behind it, finds it again. */
function restart(assembly: Assembly, start?: Register): void {
  if (start !== undefined) return copy(assembly, [Y, Y + 1], [start, start + 1]);
  addToPair(assembly, X, -2);
  for (const half of [Y, Y + 1]) assembly.emit('ld', r(half), 'X+');
}

/** What an entry does with the pixels at Y. */
function operationsOf(assembly: Assembly, shape: ConvolutionShape, { registers, pixels }: Tile): SparseOperations {
  const { stride, columnStride, accumulatorBits } = shape;
  const { emit } = assembly;
  const { sums, pixel, zero, start } = registers;
  const forEachPixel = (use: (sum: readonly Register[]) => void): void => {
    for (let output = 0; output < pixels; output++) {
      emit('ldd', r(pixel), `Y+${output * stride * columnStride}`);
      use(sums[0][output]);
    }
  };
  const chain = (operations: readonly [string, string], sum: readonly Register[], low: readonly Register[]): void => {
    sum.forEach((byte, index) => emit(operations[Math.min(index, 1)], r(byte), r(low[index] ?? (zero as Register))));
  };
  const withPixels = (operations: readonly [string, string]) => (): void =>
    forEachPixel((sum) => chain(operations, sum, [pixel]));
  const withProducts =
    (operations: readonly [string, string]) =>
    (weight: Register): void =>
      forEachPixel((sum) => {
        emit('mul', r(weight), r(pixel));
        chain(operations, sum, [PRODUCT_LOW, PRODUCT_HIGH]);
      });
  const signed = (weight: Register): void =>
    forEachPixel((sum) => multiplyAccumulate(assembly, sum, weight, pixel, undefined, true));
  const pairs = (weight: Register, other: Register, gap: Gap): void => {
    for (let position = 0; position < pixels + gap; position++) {
      emit('ldd', r(pixel), `Y+${position}`);
      if (position < pixels) multiplyAccumulate(assembly, sums[0][position], weight, pixel, undefined, true);
      if (position >= gap) multiplyAccumulate(assembly, sums[0][position - gap], other, pixel, undefined, true);
    }
  };
  return {
    multiplyAccumulate: accumulatorBits === 16 ? signed : undefined,
    multiplyAccumulatePair: hasNeighbours(shape) ? pairs : undefined,
    restart: () => restart(assembly, start),
    multiplyAdd: withProducts(['add', 'adc']),
    multiplySubtract: withProducts(['sub', 'sbc']),
    add: withPixels(['add', 'adc']),
    subtract: withPixels(['sub', 'sbc']),
  };
}

/** Passes by the runs of as many rows of taps as the variable at `address` says. */
export function passRuns(
  assembly: Assembly,
  tile: Tile,
  address: string,
  rows: (environment: Environment) => number,
): void {
  const { emit } = assembly;
  const { pixel, weights } = tile.registers;
  const counter = counterOf(tile);
  const none = assembly.newLabel('none');
  emit('lds', r(counter), address);
  emit('tst', r(counter));
  emit('breq', none);
  const any = (environment: Environment): number => (rows(environment) > 0 ? 1 : 0);
  assembly.spend((environment) => 1 - any(environment));
  assembly.sometimes(any, () =>
    assembly.countDown(
      { register: counter },
      (environment) => rows(environment),
      () => {
        emit('lpm', r(pixel), 'Z+');
        encodingOf(tile).pass(assembly, pixel, weights[0]);
      },
    ),
  );
  assembly.label(none);
}
