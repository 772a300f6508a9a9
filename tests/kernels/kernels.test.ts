import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WeightBits } from '@sparrow/model';
import { workspaceRoot } from '../targets.ts';
import { kernelRows, networkRows, variantName, type KernelRow, type NetworkRow, type Variant } from './table.ts';

/**
 * What the kernels cost, from the generator's own knowledge: that the chip takes just that is what `tests/random-networks` and
 * `codegen:bench` show.
 */

const unchecked = async (): Promise<void> => {};
let networks: NetworkRow[];
let kernels: KernelRow[];

beforeAll(async () => {
  [networks, kernels] = [await networkRows(unchecked), await kernelRows(unchecked)];
}, 240_000);

const isVariant = (weightBits: WeightBits, sumBits: 16 | 24, sparsity: number) => (variant: Variant) =>
  variant.weightBits === weightBits && variant.sumBits === sumBits && variant.sparsity === sparsity;

/** Cycles/MAC of a network, by how its name begins. */
function network(name: string, ...variant: Parameters<typeof isVariant>): NetworkRow['prediction'] {
  const row = networks.find((candidate) => candidate.name.startsWith(name) && isVariant(...variant)(candidate.variant));
  if (!row) throw new Error(`no network ${name}`);
  return row.prediction;
}

function kernel(name: string, shape: string, ...variant: Parameters<typeof isVariant>): KernelRow['layer'] {
  const row = kernels.find(
    ({ kernelCase, variant: candidate }) =>
      kernelCase.kernel === name && kernelCase.shape.startsWith(shape) && isVariant(...variant)(candidate),
  );
  if (!row) throw new Error(`no kernel ${name}, ${shape}`);
  return row.layer;
}

const perMac = ({ cycles, macs }: KernelRow['layer']): number => cycles / macs;

test('docs/kernels.md has the cycles/MAC of today, within 2 %', () => {
  const document = readFileSync(join(workspaceRoot, 'docs', 'kernels.md'), 'utf8');
  const rows = document
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const committed = (cells: readonly string[], column: number): number => {
    const row = rows.find((candidate) => cells.every((cell, index) => candidate[index + 1] === cell));
    return Number(row?.[column]);
  };
  const ratios = [
    ...networks.map(({ name, variant, prediction }) => {
      return prediction.cyclesPerMac / committed([name, variantName(variant)], 3);
    }),
    ...kernels.map(({ kernelCase, variant, layer }) => {
      return perMac(layer) / committed([kernelCase.kernel, kernelCase.shape, variantName(variant)], 4);
    }),
  ];
  expect(ratios.filter((ratio) => !(Math.abs(ratio - 1) < 0.02))).toEqual([]);
});

test('networks: at most 6 cycles/MAC for the reference, 8 (int8) and 9 (int4) for the small one, at 16-bit sums', () => {
  expect(network('reference', 8, 16, 0).cyclesPerMac).toBeLessThan(6);
  expect(network('avgpool2', 8, 16, 0).cyclesPerMac).toBeLessThan(8);
  expect(network('avgpool2', 4, 16, 0).cyclesPerMac).toBeLessThan(9);
});

test('networks whose weights use all of int8 need 24-bit sums, and little more time', () => {
  expect(network('reference', 8, 24, 0).cyclesPerMac).toBeLessThan(7.35);
  expect(network('avgpool2', 8, 24, 0).cyclesPerMac).toBeLessThan(8.5);
});

test('pointwise and dense layers: at most 9 cycles/MAC at 16-bit sums, int4 too', () => {
  for (const bits of [8, 4] as const) {
    for (const shape of ['14×14×16', '14×14×24', '7×7×24']) {
      expect(perMac(kernel('conv2d 1×1', shape, bits, 16, 0))).toBeLessThan(8.05);
    }
    for (const shape of ['14×14×1', '7×7×8', '4×4×11']) {
      expect(perMac(kernel('dense', shape, bits, 16, 0))).toBeLessThan(9);
    }
  }
});

test('at 24-bit sums at most 10', () => {
  for (const shape of ['14×14×16', '14×14×24', '7×7×24']) {
    expect(perMac(kernel('conv2d 1×1', shape, 8, 24, 0))).toBeLessThan(10);
  }
  for (const shape of ['14×14×1', '7×7×8', '4×4×11']) expect(perMac(kernel('dense', shape, 8, 24, 0))).toBeLessThan(10);
});

test('depthwise layers: at most 11 cycles/MAC', () => {
  for (const [name, shape] of [
    ['depthwise 3×3', '14×14×16'],
    ['depthwise 3×3', '7×7×24'],
    ['depthwise 3×3 stride 2', '14×14×16'],
  ] as const) {
    for (const bits of [8, 4, 2] as const) expect(perMac(kernel(name, shape, bits, 16, 0))).toBeLessThan(11);
    expect(perMac(kernel(name, shape, 8, 24, 0))).toBeLessThan(11);
  }
});

test('at 70 % zeros a 3×3 layer takes under 45 % of its time and no more flash than with all of its weights in int4', () => {
  for (const shape of ['7×7×16', '14×14×8']) {
    for (const [bits, sumBits] of [
      [8, 16],
      [8, 24],
      [4, 16],
    ] as const) {
      const [dense, sparse] = [0, 0.7].map((sparsity) => kernel('conv2d 3×3', shape, bits, sumBits, sparsity));
      expect(sparse.cycles / dense.cycles).toBeLessThan(0.45);
      const dense4 = kernel('conv2d 3×3', shape, 4, 16, 0);
      expect(sparse.parameterBytes + sparse.codeBytes).toBeLessThan(dense4.parameterBytes + dense4.codeBytes);
      if (bits === 4) expect(sparse.parameterBytes).toBeLessThan(dense4.parameterBytes);
    }
  }
});

test('code without parameters: under 5 KB for up to four layers with weights; RAM beyond rows and sums: under 150 B, 64 B as a library', () => {
  for (const { prediction } of networks) {
    const weighted = prediction.layers.filter(({ macs }) => macs > 0).length;
    if (weighted <= 4) expect(prediction.flashBytes - prediction.modelBytes).toBeLessThan(5 * 1024);
    expect(prediction.ramBytesBeyondBuffers).toBeLessThan(150);
    const { library, ramBytes, ramBytesBeyondBuffers } = prediction;
    expect(library.ramBytes - ramBytes.total + ramBytesBeyondBuffers).toBeLessThanOrEqual(64);
  }
});
