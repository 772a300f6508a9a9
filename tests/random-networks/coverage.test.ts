import {
  hasNarrowMultipliers,
  isWeighted,
  type LayerSpec,
  type Model,
  readsImage,
  symmetryOf,
  tieOf,
  tiedGroups,
} from '@sparrow/model';
import { networkOf, NETWORKS } from './random-networks.ts';

/** How many of the random networks have what is counted. */
const networks = new Map<string, number>();

/** Encoding and width of the sums, of a layer with weights. */
function encodingOf(description: string): string | undefined {
  const [, encoding, width] = /(?:^|_| )((?:sparse_(?:[a-z]\w*_)?)?[su]\d)[_ ]acc(\d+)/.exec(description) ?? [];
  return encoding === undefined ? undefined : `${encoding}, ${width} bits`;
}

/** Whether a layer's multipliers take a byte each, but more in registers: they are decoded. */
function decodesMultipliers({ architecture, parameters }: Model): boolean {
  return architecture.layers.some((layer, index) => {
    const own = parameters[index];
    if (!hasNarrowMultipliers(layer) || own.kind !== 'weighted') return false;
    return own.requantization?.multipliers.some((multiplier) => multiplier > 255);
  });
}

/** What is to be seen of filters in orbits. */
function orbitsOf(layer: LayerSpec): string[] {
  const symmetry = symmetryOf(layer);
  if (symmetry === undefined || !isWeighted(layer)) return [];
  const of = `${symmetry} of ${readsImage(layer) ? 'images' : 'orbits'}`;
  return [`${of}, ${layer.weightBits} bits`, ...(tieOf(layer) === undefined ? [] : [`${symmetry}, tied`])];
}

beforeAll(() => {
  for (let seed = 0; seed < NETWORKS; seed++) {
    const { model, prediction } = networkOf(seed);
    const { input, layers, preprocessing } = model.architecture;
    const seen = new Set<string>([
      ...(input.height % 2 === 1 ? ['odd height'] : []),
      ...(input.width % 2 === 1 ? ['odd width'] : []),
      ...layers.map((layer) => (isWeighted(layer) ? `${layer.kind} ${layer.weightBits}` : layer.kind)),
      ...(preprocessing === undefined ? [] : [preprocessing, `${preprocessing} of ${input.height}×${input.width}`]),
      ...layers.flatMap(orbitsOf),
      ...(tiedGroups(layers).length > 0 ? ['tied layers'] : []),
      ...(layers.some((layer) => isWeighted(layer) && layer.biasBits) ? ['biases of a byte'] : []),
      ...(layers.some(hasNarrowMultipliers) ? ['multipliers of a byte'] : []),
      ...(decodesMultipliers(model) ? ['decoded multipliers'] : []),
      ...(prediction.layers.some(({ description }) => description.includes('rows joined')) ? ['rows joined'] : []),
      ...prediction.layers.flatMap(({ description }) => encodingOf(description) ?? []),
    ]);
    for (const what of seen) networks.set(what, (networks.get(what) ?? 0) + 1);
  }
}, 600_000);

/** What fewer networks have, and how many do. */
function fewerThan(least: number, wanted: readonly string[]): Record<string, number> {
  const counts = wanted.map((what) => [what, networks.get(what) ?? 0] as const);
  return Object.fromEntries(counts.filter(([, count]) => count < least));
}

test('the random networks have every operator, and odd sizes', () => {
  const weighted = ['conv2d', 'depthwiseConv2d', 'dense'].flatMap((kind) => [8, 4, 2].map((bits) => `${kind} ${bits}`));
  const others = ['maxPool', 'averagePool', 'globalAveragePool', 'add', 'odd height', 'odd width'];
  expect(fewerThan(20, [...weighted, ...others])).toEqual({});
});

test('some share weights, some have multipliers or biases of a byte, rows without gaps, or preprocessed images', () => {
  expect(fewerThan(10, ['tied layers', 'multipliers of a byte', 'momentNormalization'])).toEqual({});
  expect(fewerThan(5, ['rows joined', 'decoded multipliers', 'momentNormalization of 32×32'])).toEqual({});
  expect(fewerThan(20, ['biases of a byte'])).toEqual({});
});

test('some have filters in orbits', () => {
  const reads = ['mirror', 'rotation'].flatMap((symmetry) => ['images', 'orbits'].map((of) => `${symmetry} of ${of}`));
  const wanted = [8, 4].flatMap((bits) => reads.map((each) => `${each}, ${bits} bits`));
  expect(fewerThan(3, [...wanted, 'mirror, tied', 'rotation, tied'])).toEqual({});
});

test('they have every encoding at every width of sums', () => {
  const at = (widths: readonly number[], names: readonly string[]): string[] =>
    names.flatMap((name) => widths.map((width) => `${name}, ${width} bits`));
  // Ternary sums of these small networks have 16 bits, or 32 with an extreme bias, and those of 4-bit weights hardly ever 24. Unsigned weights
  // are for 24 bits, in dense layers for 16 too, and pairs of sparse weights for 16.
  const wanted = [
    ...at([16, 24, 32], ['s8', 's4', 'sparse_s8', 'sparse_s4', 'sparse_x4_s8']),
    ...at([16, 32], ['s2', 'sparse_s2', 'sparse_x4_s4']),
    ...at([16, 24], ['u8', 'u4']),
    ...at([16], ['sparse_pairs_s8', 'sparse_pairs_long_s8']),
  ];
  expect(fewerThan(2, wanted)).toEqual({});
});
