import {
  type Architecture,
  conv2d,
  createInterpreter,
  depthwiseConv2d,
  LARGEST_BYTE_FLOAT,
  type LayerTemplate,
  logits,
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

const onHost = hasHostCompiler() ? describe : describe.skip;

onHost('the portable C of such layers gives the logits of the interpreter', () => {
  const kernels = [3, 5, { height: 2, width: 3 }, { height: 4, width: 5 }, { height: 3, width: 1 }];
  test.each(kernels)('kernel %j', (kernel) => {
    const model = withMultipliers(network(depthwiseConv2d({ ...FRUGAL, ...NARROW, kernel })), LARGE);
    expect(predict(model).layers[0].description).toContain('rows joined');
    const random = seededRandom(1);
    const images = IMAGE_MODES.map((mode) => randomImage(model.architecture.input, random, mode));
    const interpreter = createInterpreter(model);
    expect(runOnHost(model, generate(model), images)).toEqual(images.map((image) => interpreter.infer(image)));
  });
});
