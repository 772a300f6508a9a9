import {
  type Architecture,
  conv2d,
  createInterpreter,
  depthwiseConv2d,
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
const ONE_MULTIPLIER = { granularity: 'layer' } as const;

function network(template: LayerTemplate, channels = CHANNELS): Architecture {
  return sequential({ height: 9, width: 11, channels }, [template, logits(3)]);
}

function firstLayer(template: LayerTemplate, channels?: number): PredictedLayer {
  return predictArchitecture(network(template, channels)).layers[0];
}

/** With multipliers of two bytes. */
function withLargeMultipliers(architecture: Architecture): Model {
  const model = typicalModel('large', architecture, { sumBits: 24, sparsity: 0 });
  const parameters = model.parameters.map((own) => {
    if (own.kind !== 'weighted' || !own.requantization) return own;
    const { multipliers, shift } = own.requantization;
    return { ...own, requantization: { shift, multipliers: multipliers.map((multiplier) => multiplier + 256) } };
  });
  return { ...model, parameters };
}

describe('bytes of parameters of a convolution', () => {
  test('a depthwise 3×3 filter of 4 bits takes 5 bytes, its bias and its multiplier one each', () => {
    expect(firstLayer(depthwiseConv2d(FRUGAL)).parameterBytes).toBe(7 * CHANNELS);
  });

  test('a multiplier of two bytes is stored as such', () => {
    const { layers } = predict(withLargeMultipliers(network(depthwiseConv2d(FRUGAL))));
    expect(layers[0].parameterBytes).toBe(8 * CHANNELS);
  });

  test("with granularity 'layer' multipliers take none, however large they are", () => {
    const architecture = network(depthwiseConv2d({ ...FRUGAL, ...ONE_MULTIPLIER }));
    expect(predictArchitecture(architecture).layers[0].parameterBytes).toBe(6 * CHANNELS);
    expect(predict(withLargeMultipliers(architecture)).layers[0].parameterBytes).toBe(6 * CHANNELS);
  });

  test('rows that may be outside of the image begin at bytes of their own', () => {
    const layer = firstLayer(depthwiseConv2d({ ...FRUGAL, ...ONE_MULTIPLIER, padding: 'same' }));
    expect(layer.parameterBytes).toBe(7 * CHANNELS);
    expect(layer.description).not.toContain('rows joined');
  });

  test('and so do those of layers that do not ask for biases of a byte', () => {
    const { description } = firstLayer(depthwiseConv2d({ ...FRUGAL, ...ONE_MULTIPLIER, biasBits: undefined }));
    expect(description).not.toContain('rows joined');
  });

  test('a filter on an image of one channel is as small as a depthwise one', () => {
    const layer = firstLayer(conv2d(4, { ...FRUGAL, ...ONE_MULTIPLIER }), 1);
    expect(layer.parameterBytes).toBe(4 * 6);
    expect(layer.description).toContain('rows joined');
  });

  test('a pointwise filter takes half a byte a weight and its bias', () => {
    const { parameterBytes } = firstLayer(conv2d(4, { ...FRUGAL, ...ONE_MULTIPLIER, kernel: 1 }));
    expect(parameterBytes).toBe(4 * (CHANNELS / 2 + 1));
  });
});

const onHost = hasHostCompiler() ? describe : describe.skip;

onHost('the portable C of such layers gives the logits of the interpreter', () => {
  const kernels = [3, 5, { height: 2, width: 3 }, { height: 4, width: 5 }, { height: 3, width: 1 }];
  test.each(kernels)('kernel %j', (kernel) => {
    const model = withLargeMultipliers(network(depthwiseConv2d({ ...FRUGAL, ...ONE_MULTIPLIER, kernel })));
    expect(predict(model).layers[0].description).toContain('rows joined');
    const random = seededRandom(1);
    const images = IMAGE_MODES.map((mode) => randomImage(model.architecture.input, random, mode));
    const interpreter = createInterpreter(model);
    expect(runOnHost(model, generate(model), images)).toEqual(images.map((image) => interpreter.infer(image)));
  });
});
