import { isWeighted } from '@sparrow/model';
import { networkOf, NETWORKS } from './random-networks.ts';

test('the random networks have every operator, encoding and width of sums, and odd sizes', () => {
  const seen = new Set<string>();
  for (let seed = 0; seed < NETWORKS; seed++) {
    const { model, prediction } = networkOf(seed);
    const { input, layers } = model.architecture;
    if (input.height % 2 === 1) seen.add('odd height');
    if (input.width % 2 === 1) seen.add('odd width');
    for (const layer of layers) seen.add(isWeighted(layer) ? `${layer.kind} ${layer.weightBits}` : layer.kind);
    for (const { description } of prediction.layers) {
      const [, encoding] = /(?:_|\b)((?:sparse_(?:x4_)?)?[su]\d)_?\s?acc/.exec(description) ?? [];
      const [, width] = /acc(\d+)/.exec(description) ?? [];
      if (encoding !== undefined) seen.add(`${encoding}, ${width} bits`);
    }
  }
  const weighted = ['conv2d', 'depthwiseConv2d', 'dense'].flatMap((kind) => [8, 4, 2].map((bits) => `${kind} ${bits}`));
  const others = ['maxPool', 'averagePool', 'globalAveragePool', 'add', 'odd height', 'odd width'];
  const signed = ['s8', 's4', 'sparse_s8', 'sparse_s4', 'sparse_x4_s8'].flatMap((name) =>
    [16, 24, 32].map((bits) => `${name}, ${bits} bits`),
  );
  // Ternary sums of these small networks have 16 bits, or 32 with an extreme bias, and those of 4-bit weights hardly ever 24. Unsigned weights
  // are for 24 bits, in dense layers for 16 too.
  const rest = ['s2', 'sparse_s2', 'sparse_x4_s4'].flatMap((name) => [16, 32].map((bits) => `${name}, ${bits} bits`));
  const unsigned = ['u8', 'u4'].flatMap((name) => [16, 24].map((bits) => `${name}, ${bits} bits`));
  expect([...weighted, ...others, ...signed, ...rest, ...unsigned].filter((wanted) => !seen.has(wanted))).toEqual([]);
});
