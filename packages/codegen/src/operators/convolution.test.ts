import {
  type Architecture,
  conv2d,
  createInterpreter,
  depthwiseConv2d,
  LARGEST_BYTE_FLOAT,
  type LayerTemplate,
  logits,
  maxPool,
  type Model,
  sequential,
} from '@sparrow/model';
import { IMAGE_MODES, randomImage, seededRandom } from '@sparrow/model/testing';
import { generate } from '../generate.ts';
import { predict, type PredictedLayer } from '../predict.ts';
import { predictArchitecture } from '../predict-architecture.ts';
import { hasHostCompiler, runOnHost } from '../testing/host.ts';
import { typicalModel } from '../typical-model.ts';

const CHANNELS = 6;
const FRUGAL = { weightBits: 4, biasBits: 8, padding: 'valid' } as const;
const NARROW = { multiplierBits: 8 } as const;

function network(template: LayerTemplate, channels = CHANNELS): Architecture {
  return sequential({ height: 9, width: 11, channels }, [template, logits(3)]);
}

function firstLayer(template: LayerTemplate, channels?: number): PredictedLayer {
  return predictArchitecture(network(template, channels)).layers[0];
}

/** The first layer's multipliers are these, in turn. */
function withMultipliers(architecture: Architecture, multipliers: readonly number[]): Model {
  const model = typicalModel('multipliers', architecture, { sumBits: 24, sparsity: 0 });
  const [first, ...others] = model.parameters;
  if (first.kind !== 'weighted' || !first.requantization) throw new Error('the first layer has no multipliers');
  const given = first.requantization.multipliers.map((_, channel) => multipliers[channel % multipliers.length]);
  const parameters = [{ ...first, requantization: { ...first.requantization, multipliers: given } }, ...others];
  return { ...model, parameters };
}

/** All floats of a byte. */
const SMALL = [1, 15, 16, 31, 248];
const LARGE = [1, 15, 16, 31, 496, LARGEST_BYTE_FLOAT];

describe('bytes of parameters of a convolution', () => {
  test('a depthwise 3×3 filter of 4 bits takes 5 bytes, its bias and its multiplier one each', () => {
    expect(firstLayer(depthwiseConv2d(FRUGAL)).parameterBytes).toBe(7 * CHANNELS);
  });

  test('a multiplier of two bytes is stored as such', () => {
    const { layers } = predict(withMultipliers(network(depthwiseConv2d(FRUGAL)), LARGE));
    expect(layers[0].parameterBytes).toBe(8 * CHANNELS);
  });

  test.each([[SMALL], [LARGE]])('with multiplierBits 8 it takes one, in layers with %j', (multipliers) => {
    const architecture = network(depthwiseConv2d({ ...FRUGAL, ...NARROW }));
    expect(predict(withMultipliers(architecture, multipliers)).layers[0].parameterBytes).toBe(7 * CHANNELS);
  });

  test('typical parameters keep that promise', () => {
    const layer = firstLayer(depthwiseConv2d({ ...FRUGAL, ...NARROW }));
    expect(layer.parameterBytes).toBe(7 * CHANNELS);
  });

  test('rows that may be outside of the image begin at bytes of their own', () => {
    const layer = firstLayer(depthwiseConv2d({ ...FRUGAL, ...NARROW, padding: 'same' }));
    expect(layer.parameterBytes).toBe(8 * CHANNELS);
    expect(layer.description).not.toContain('rows joined');
  });

  test('and so do those of layers that do not ask for biases of a byte', () => {
    const { description } = firstLayer(depthwiseConv2d({ ...FRUGAL, ...NARROW, biasBits: undefined }));
    expect(description).not.toContain('rows joined');
  });

  test('a filter on an image of one channel is as small as a depthwise one', () => {
    const layer = firstLayer(conv2d(4, { ...FRUGAL, ...NARROW }), 1);
    expect(layer.parameterBytes).toBe(4 * 7);
    expect(layer.description).toContain('rows joined');
  });

  test.each([[SMALL], [LARGE]])('a pointwise filter takes half a byte a weight, and two, with %j', (multipliers) => {
    const architecture = network(conv2d(4, { ...FRUGAL, ...NARROW, kernel: 1 }));
    const { layers } = predict(withMultipliers(architecture, multipliers));
    expect(layers[0].parameterBytes).toBe(4 * (CHANNELS / 2 + 2));
  });
});

describe('bytes of parameters of filters in orbits', () => {
  const FILTERS = 8;
  /** Reads the image. */
  const first = conv2d(FILTERS, { ...FRUGAL, ...NARROW, symmetry: 'rotation' });
  const second = conv2d(FILTERS, { ...FRUGAL, ...NARROW, name: 'second', symmetry: 'rotation' });
  const tied = conv2d(FILTERS, { ...FRUGAL, ...NARROW, padding: 'same', symmetry: 'rotation', tiedTo: 'second' });
  const layersOf = (channels: number, templates: readonly LayerTemplate[]): readonly PredictedLayer[] =>
    predictArchitecture(sequential({ height: 9, width: 11, channels }, [...templates, logits(3)])).layers;

  test('a quarter of the filters is in flash if they are rotated, half of them if they are mirrored', () => {
    const filter = (9 * CHANNELS) / 2 + 2;
    for (const [symmetry, orbit] of [
      ['rotation', 4],
      ['mirror', 2],
    ] as const) {
      const [layer] = layersOf(CHANNELS, [conv2d(FILTERS, { ...FRUGAL, ...NARROW, symmetry })]);
      expect(layer.parameterBytes).toBe((FILTERS / orbit) * filter);
      expect(layer.description).toContain(`unfolded from s4 by ${symmetry}`);
    }
  });

  test.each([
    [1, 5],
    [3, 14],
  ])('weights of an image of %i channels have no gaps: a 3×3 filter takes %i bytes', (channels, bytes) => {
    expect(layersOf(channels, [first])[0].parameterBytes).toBe(2 * (bytes + 2));
  });

  test('layers that are tied have a bias and a multiplier an orbit each', () => {
    const [, owner, other] = layersOf(1, [first, second, tied]);
    expect(owner.parameterBytes).toBe(2 * ((9 * FILTERS) / 2 + 2 * 2));
    expect(other.parameterBytes).toBe(0);
  });

  test('a bias of a sum and a multiplier of two bytes are there once as well', () => {
    const [layer] = layersOf(CHANNELS, [conv2d(FILTERS, { symmetry: 'rotation', weightBits: 8 })]);
    const [plain] = layersOf(CHANNELS, [conv2d(FILTERS, { weightBits: 8 })]);
    expect(4 * layer.parameterBytes).toBe(plain.parameterBytes);
  });
});

const onHost = hasHostCompiler() ? describe : describe.skip;

onHost('the portable C of such layers gives the logits of the interpreter', () => {
  const kernels = [3, 5, { height: 2, width: 3 }, { height: 4, width: 5 }, { height: 3, width: 1 }];
  const expectExact = (model: Model): void => {
    const random = seededRandom(1);
    const images = IMAGE_MODES.map((mode) => randomImage(model.architecture.input, random, mode));
    const interpreter = createInterpreter(model);
    expect(runOnHost(model, generate(model), images)).toEqual(images.map((image) => interpreter.infer(image)));
  };

  test.each(kernels)('kernel %j', (kernel) => {
    const model = withMultipliers(network(depthwiseConv2d({ ...FRUGAL, ...NARROW, kernel })), LARGE);
    expect(predict(model).layers[0].description).toContain('rows joined');
    expectExact(model);
  });

  test.each([
    ['rotation', 4, 1],
    ['rotation', 8, 3],
    ['mirror', 4, 3],
    ['mirror', 8, 1],
  ] as const)('filters by %s, of %i bits, on images of %i channels', (symmetry, weightBits, channels) => {
    const orbits = { symmetry, weightBits, biasBits: 8 } as const;
    const layers = [conv2d(4, orbits), conv2d(8, orbits), maxPool(2), logits(3)];
    const architecture = sequential({ height: 9, width: 11, channels }, layers);
    expectExact(typicalModel('orbits', architecture, { sumBits: 16, sparsity: 0 }));
  });
});
