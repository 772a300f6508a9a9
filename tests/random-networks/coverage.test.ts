import { isWeighted } from '@sparrow/model';
import { networkOf, NETWORKS } from './random-networks.ts';

test('the random networks have every operator, in every weight width, and odd sizes', () => {
  const seen = new Set<string>();
  for (let seed = 0; seed < NETWORKS; seed++) {
    const { input, layers } = networkOf(seed).architecture;
    if (input.height % 2 === 1) seen.add('odd height');
    if (input.width % 2 === 1) seen.add('odd width');
    for (const layer of layers) seen.add(isWeighted(layer) ? `${layer.kind} ${layer.weightBits}` : layer.kind);
  }
  const weighted = ['conv2d', 'depthwiseConv2d', 'dense'].flatMap((kind) => [8, 4, 2].map((bits) => `${kind} ${bits}`));
  const others = ['maxPool', 'averagePool', 'globalAveragePool', 'add', 'odd height', 'odd width'];
  expect([...seen].sort()).toEqual([...weighted, ...others].sort());
});
