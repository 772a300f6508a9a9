import { isWeighted, type LayerKind, tieOf } from '../architecture.ts';
import { IMAGE_MODES, naiveInfer, randomImage, randomModel, seededRandom } from '../testing/index.ts';
import { createInterpreter, infer, inferTensors } from './interpreter.ts';
import { requantizeValue } from './requantize.ts';

const SEEDS = Array.from({ length: 200 }, (_, seed) => seed);

describe('interpreter', () => {
  test.each([
    ['random networks', false],
    ['networks with tied layers and byte biases', true],
  ])('agrees with the formulas of docs/numerics.md in every logit of %s', (_, sharing) => {
    for (const seed of SEEDS) {
      const model = randomModel(seed, { maxMacs: 5_000, sharing });
      const image = randomImage(model.architecture.input, seededRandom(seed));
      expect({ seed, logits: Array.from(infer(model, image), BigInt) }).toEqual({
        seed,
        logits: naiveInfer(model, image),
      });
    }
  });

  test('keeps nothing from one image to the next', () => {
    const model = randomModel(3);
    const interpreter = createInterpreter(model);
    const random = seededRandom(0);
    const images = Array.from({ length: 6 }, () => randomImage(model.architecture.input, random));
    expect(images.map((image) => interpreter.infer(image))).toEqual(images.map((image) => infer(model, image)));
    const first = interpreter.inferTensors(images[0]);
    expect(first).toEqual(inferTensors(model, images[0]));
    expect(first.map((tensor) => tensor.length)).toEqual(
      interpreter.shapes.map((shape) => shape.height * shape.width * shape.channels),
    );
    expect(first[0]).toEqual(images[0]);
    expect(first[first.length - 1]).toEqual(interpreter.infer(images[0]));
  });

  test('refuses images of another size', () => {
    const model = randomModel(3, { input: { height: 5, width: 4, channels: 2 } });
    expect(() => infer(model, new Uint8Array(39))).toThrow('random-3: an image has 5×4×2 = 40 bytes, not 39');
  });
});

describe('requantisation', () => {
  test.each([
    [-1, 65_535, 0, 0],
    [0, 65_535, 0, 0],
    [255, 1, 0, 255],
    [256, 1, 0, 255],
    [255, 256, 8, 255],
    [511, 128, 8, 255],
    [511, 127, 8, 253], // 253.5
    [2 ** 31 - 1, 1, 24, 127], // 127.99
    [2 ** 31 - 1, 2, 24, 255],
    [2 ** 31 - 1, 65_535, 24, 255],
    [-(2 ** 31), 65_535, 24, 0],
    [256, 65_535, 16, 255], // 255.996
    [257, 65_535, 24, 1], // 1.0039
    [256, 65_535, 24, 0], // 0.99998: the product's last bits decide
  ])('%i · %i / 2^%i gives %i', (accumulator, multiplier, shift, expected) => {
    expect(requantizeValue(accumulator, multiplier, shift)).toBe(expected);
  });
});

describe('random models', () => {
  const models = SEEDS.map((seed) => randomModel(seed));
  const layers = models.flatMap((model) => model.architecture.layers);
  const sharingModels = SEEDS.map((seed) => randomModel(seed, { sharing: true }));

  test('are the same for the same seed', () => {
    expect(randomModel(17)).toEqual(models[17]);
  });

  test('cover every operator, width, kernel size, stride, padding and shift', () => {
    const seen = new Set<string>();
    for (const layer of layers) {
      seen.add(layer.kind);
      if (isWeighted(layer)) seen.add(`${layer.kind} ${layer.weightBits} bits`);
      if ('kernel' in layer) {
        seen.add(`${layer.kind} ${layer.padding} stride ${layer.stride}`);
        seen.add(`height ${layer.kernel.height}`).add(`width ${layer.kernel.width}`);
      }
      if ('window' in layer) {
        const { window, stride } = layer;
        if (window.height !== window.width) seen.add(`${layer.kind} not square`);
        if (stride.height < window.height) seen.add(`${layer.kind} overlapping`);
        if (stride.height > window.height) seen.add(`${layer.kind} with gaps`);
      }
    }
    for (const parameters of models.flatMap((model) => model.parameters)) {
      if (parameters.kind === 'add') seen.add(`add shift ${parameters.shift}`);
      if ('requantization' in parameters) seen.add(`${parameters.kind} shift ${parameters.requantization?.shift}`);
    }
    const convolutions = ['conv2d', 'depthwiseConv2d'];
    const expected = [
      ...[...convolutions, 'dense'].flatMap((kind) => [8, 4, 2].map((bits) => `${kind} ${bits} bits`)),
      ...convolutions.flatMap((kind) =>
        ['same', 'valid'].flatMap((p) => [1, 2].map((s) => `${kind} ${p} stride ${s}`)),
      ),
      ...[1, 2, 3, 4, 5, 6, 7].flatMap((size) => [`height ${size}`, `width ${size}`]),
      ...['maxPool', 'averagePool'].flatMap((k) => ['not square', 'overlapping', 'with gaps'].map((p) => `${k} ${p}`)),
      ...['add', 'weighted'].flatMap((kind) => [0, 8, 16, 24].map((shift) => `${kind} shift ${shift}`)),
      ...['globalAveragePool', 'add', 'pool shift 8', 'pool shift 16'],
    ];
    expect(expected.filter((feature) => !seen.has(feature))).toEqual([]);
  });

  test('are tied and have byte biases only where they may', () => {
    const seen = new Set<string>();
    for (const { architecture } of sharingModels) {
      for (const layer of architecture.layers) {
        if (isWeighted(layer) && layer.biasBits !== undefined) seen.add(`${layer.kind} with byte biases`);
        const owner = architecture.layers.find(({ name }) => name === tieOf(layer));
        if (!owner || !('kernel' in owner) || !('kernel' in layer)) continue;
        seen.add(`${layer.kind} tied`).add(`${layer.weightBits} bits tied`);
        if (layer.biasBits !== undefined) seen.add('tied with byte biases');
        if (layer.stride !== owner.stride) seen.add('tied with another stride');
        if (layer.padding !== owner.padding) seen.add('tied with other padding');
      }
    }
    const expected = [
      ...['conv2d', 'depthwiseConv2d', 'dense'].map((kind) => `${kind} with byte biases`),
      ...['conv2d', 'depthwiseConv2d', '8 bits', '4 bits', '2 bits'].map((what) => `${what} tied`),
      ...['byte biases', 'another stride', 'other padding'].map((what) => `tied with ${what}`),
    ];
    expect(expected.filter((feature) => !seen.has(feature))).toEqual([]);
    expect(layers.some((layer) => tieOf(layer) !== undefined || (isWeighted(layer) && layer.biasBits))).toBe(false);
  });

  test.each([
    ['', models],
    [' with tied layers and byte biases', sharingModels],
  ])('are alive: in nine of ten%s the logits depend on the image', (_, some) => {
    const alive = some.filter((model, seed) => {
      const random = seededRandom(seed);
      const interpreter = createInterpreter(model);
      const logits = IMAGE_MODES.map((mode) => interpreter.infer(randomImage(model.architecture.input, random, mode)));
      return new Set(logits.map((values) => values.join())).size > 1;
    });
    expect(alive.length).toBeGreaterThan(0.9 * some.length);
  });

  test('contain what is required, within limits', () => {
    const require: LayerKind[] = ['add', 'globalAveragePool', 'depthwiseConv2d'];
    for (const seed of [1, 2, 3, 4, 5]) {
      const { layers } = randomModel(seed, {
        require,
        weightBits: [2],
        maxMacs: 3_000,
        maxParameters: 500,
      }).architecture;
      expect(layers.map((layer) => layer.kind)).toEqual(expect.arrayContaining(require));
      expect(layers.filter(isWeighted).map((layer) => layer.weightBits)).not.toContain(8);
    }
    expect(() => randomModel(5, { input: { height: 50, width: 50, channels: 9 }, maxBufferBytes: 100 })).toThrow(
      'no random architecture met',
    );
  });
});
