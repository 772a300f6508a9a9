import { type Architecture, type LayerKind, tieOf } from '@sparrow/model';
import { networksByLayer } from '../engine.fixtures.ts';
import type { LayerWeights } from '../engine.ts';
import { Random } from '../random.ts';
import { wasmEngine } from './engine.ts';
import { drawArchitecture, drawBatch, scatterWeights } from './testing.ts';

const BATCH_SIZE = 16;
/** Half the distance of a difference. */
const STEP = 1e-3;
const SAMPLES = 6;
const LEARNED = ['kernel', 'gamma', 'beta'] as const;
type Learned = (typeof LEARNED)[number];

const KINDS: readonly LayerKind[] = [
  'conv2d',
  'depthwiseConv2d',
  'maxPool',
  'averagePool',
  'globalAveragePool',
  'dense',
  'add',
];

interface Slope {
  readonly central: number;
  /** The slopes on both sides agree: no ReLU and no maximum switches in between. */
  readonly isSmooth: boolean;
}

/** Of the loss by one parameter, by finite differences. */
function slopeAt(loss: () => number, values: Float32Array, index: number, tolerance: number): Slope {
  const value = values[index];
  const at = (shifted: number) => {
    values[index] = shifted;
    const point = { x: values[index], y: loss() };
    values[index] = value;
    return point;
  };
  const [below, here, above] = [at(value - STEP), at(value), at(value + STEP)];
  const slope = (from: typeof here, to: typeof here) => (to.y - from.y) / (to.x - from.x);
  const isSmooth = Math.abs(slope(below, here) - slope(here, above)) < tolerance;
  return { central: slope(below, above), isSmooth };
}

/** Some of the indices of an array that the loss depends on. */
function sample(layer: LayerWeights, parameter: Learned, random: Random): number[] {
  const indices = [...layer[parameter].keys()].filter((i) => parameter !== 'kernel' || layer.mask[i] === 1);
  return [...random.permutation(indices.length)].slice(0, SAMPLES).map((i) => indices[i]);
}

type Case = readonly [what: string, seed: number, architecture: Architecture];
const SEEDS = [1, 2, 3, 4];
const drawn = KINDS.flatMap((kind) =>
  SEEDS.map((seed): Case => {
    return [kind, seed, drawArchitecture(seed, { require: [kind], maxMacs: 8000, maxParameters: 800, maxLayers: 5 })];
  }),
);
const tied = ['tied conv2d', 'tied depthwiseConv2d, valid'].flatMap((what) =>
  SEEDS.map((seed): Case => [what, seed, networksByLayer[what]]),
);

describe('float gradients are the differences of the loss', () => {
  test.each([...drawn, ...tied])('%s, network %i', async (_, seed, architecture) => {
    const network = await wasmEngine.createNetwork(architecture, { batchSize: BATCH_SIZE, seed });
    scatterWeights(network, seed, 0.2);
    const batch = drawBatch(architecture, BATCH_SIZE, seed);
    const options = { arithmetic: 'float', labelSmoothing: seed % 2 === 0 ? 0.1 : 0 } as const;
    const { gradients } = network.gradients(batch, options);
    const weights = network.readWeights();
    const loss = () => {
      network.writeWeights(weights);
      return network.gradients(batch, options).loss;
    };
    const random = new Random(seed);
    const owners = new Map(architecture.layers.map((layer) => [layer.name, tieOf(layer)]));
    const lastName = architecture.layers[architecture.layers.length - 1].name;
    let smooth = 0;
    let total = 0;
    for (const [name, layer] of weights) {
      for (const parameter of LEARNED) {
        if (name === lastName && parameter === 'gamma') continue;
        const found = gradients.get(name)![parameter];
        const owner = parameter === 'kernel' ? owners.get(name) : undefined;
        if (owner !== undefined) {
          // Moved with its owner's weights, whose gradient is the sum.
          expect(found).toEqual(gradients.get(owner)!.kernel);
          continue;
        }
        // The loss is a float32 near 2: its differences are uncertain by 2e-4.
        const tolerance = 0.02 * Math.max(...found.map(Math.abs)) + 5e-4;
        for (const index of sample(layer, parameter, random)) {
          total++;
          const { central, isSmooth } = slopeAt(loss, layer[parameter], index, tolerance);
          if (!isSmooth) continue;
          smooth++;
          expect(Math.abs(found[index] - central)).toBeLessThan(tolerance);
        }
      }
    }
    expect(smooth / total).toBeGreaterThan(0.7);
  });
});
