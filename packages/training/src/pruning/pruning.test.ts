import fc from 'fast-check';
import { conv2d, depthwiseConv2d, inferShapes, logits, maxPool, pointwise, residual, sequential } from '@sparrow/model';
import { everyLayer, spots } from '../engine.fixtures.ts';
import { wasmEngine } from '../wasm/engine.ts';
import { drawArchitecture, drawImages, scatterWeights } from '../wasm/testing.ts';
import { channelGroups } from './channel-groups.ts';
import { pruneByMagnitude, sparsityOf } from './magnitude.ts';
import { removeChannels } from './remove-channels.ts';
import { channelImportance, pruneChannels } from './structured.ts';

const seeds = fc.nat(100_000);
const createNetwork = (architecture = everyLayer, seed = 1) =>
  wasmEngine.createNetwork(architecture, { batchSize: 16, seed });

test('what an addition, a pool or a depthwise layer passes on shares its channels with what made them', () => {
  const architecture = sequential({ height: 8, width: 8, channels: 2 }, [
    conv2d(4, { name: 'first' }),
    maxPool(2),
    residual([depthwiseConv2d({ name: 'depthwise' }), pointwise(4, { name: 'pointwise' })]),
    conv2d(5, { name: 'alone' }),
    logits(3),
  ]);
  expect(channelGroups(architecture).groups).toEqual([
    { channels: 4, members: ['first', 'depthwise', 'pointwise'] },
    { channels: 5, members: ['alone'] },
  ]);
});

test('channels that come from the image are never in a group', () => {
  const architecture = sequential({ height: 8, width: 8, channels: 3 }, [
    depthwiseConv2d(),
    residual([pointwise(3)]),
    logits(3),
  ]);
  expect(channelGroups(architecture).groups).toEqual([]);
});

test('a network without channels that are always zero computes what it did with them', async () => {
  await fc.assert(
    fc.asyncProperty(seeds, async (seed) => {
      const architecture = drawArchitecture(seed);
      const network = await createNetwork(architecture, seed);
      scatterWeights(network, seed);
      const groups = channelGroups(architecture);
      const kept = groups.groups.map(({ channels }, group) =>
        [...Array(channels).keys()].filter((channel) => channel === 0 || (channel + seed + group) % 3 !== 0),
      );
      const weights = network.readWeights();
      groups.groups.forEach(({ channels, members }, group) => {
        for (const name of members) {
          for (let channel = 0; channel < channels; channel++) {
            if (kept[group].includes(channel)) continue;
            weights.get(name)!.gamma[channel] = 0;
            weights.get(name)!.beta[channel] = 0;
          }
        }
      });
      network.writeWeights(weights);
      const smaller = removeChannels(architecture, weights, groups, kept);
      const pruned = await createNetwork(smaller.architecture, seed);
      pruned.writeWeights(smaller.weights);
      const images = drawImages(architecture, 8, seed);
      const [before, after] = [network, pruned].map((each) => each.logits(images, 'float'));
      after.forEach((logit, i) => expect(logit).toBeCloseTo(before[i], 3));
    }),
    { numRuns: 20 },
  );
});

test('structured pruning removes as many channels as it is told, the ones that do nothing first', async () => {
  const network = await createNetwork();
  const weights = network.readWeights();
  const [name] = [...weights.keys()];
  weights.get(name)!.gamma[2] = 0;
  weights.get(name)!.beta[2] = 0;
  const { members } = channelGroups(everyLayer).groups[0];
  for (const member of members) {
    weights.get(member)!.gamma[2] = 0;
    weights.get(member)!.beta[2] = 0;
  }
  network.writeWeights(weights);
  const batches = [spots(16, 1), spots(16, 2)];
  const importance = channelImportance(network, batches, { arithmetic: 'float', labelSmoothing: 0 });
  expect(importance.get(name)![2]).toBe(0);
  const channels = channelGroups(everyLayer).groups.reduce((sum, group) => sum + group.channels, 0);
  const { architecture } = pruneChannels(everyLayer, weights, importance, 1.01 / channels);
  expect(inferShapes(architecture)[1].channels).toBe(inferShapes(everyLayer)[1].channels - 1);
});

test('a group keeps its last channel, whatever the ratio', async () => {
  const network = await createNetwork();
  const weights = network.readWeights();
  const importance = channelImportance(network, [spots(16, 1)], { arithmetic: 'float', labelSmoothing: 0 });
  const { architecture } = pruneChannels(everyLayer, weights, importance, 0.99);
  for (const { channels } of channelGroups(architecture).groups) expect(channels).toBe(1);
});

test('magnitude pruning reaches its sparsity, empties no layer, and never brings a weight back', async () => {
  const network = await createNetwork();
  fc.assert(
    fc.property(seeds, fc.double({ min: 0, max: 0.9, noNaN: true }), (seed, sparsity) => {
      scatterWeights(network, seed);
      const once = pruneByMagnitude(network.readWeights(), sparsity / 2);
      const twice = pruneByMagnitude(once, sparsity);
      const total = [...twice.values()].reduce((sum, { mask }) => sum + mask.length, 0);
      expect(Math.abs(sparsityOf(twice) - sparsity)).toBeLessThan(1 / total + 1e-9);
      for (const [name, { kernel, mask }] of twice) {
        expect(mask).toContain(1);
        mask.forEach((kept, i) => {
          if (kept === 0) expect(kernel[i]).toBe(0);
          else expect(once.get(name)!.mask[i]).toBe(1);
        });
      }
    }),
    { numRuns: 30 },
  );
});
