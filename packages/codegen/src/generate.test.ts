import { createInterpreter } from '@sparrow/model';
import { goldenCases, IMAGE_MODES, randomImage, randomModel, seededRandom } from '@sparrow/model/testing';
import { generate } from './generate.ts';
import { generateAnyWay } from './testing/any-way.ts';
import { hasHostCompiler, runOnHost } from './testing/host.ts';

const compiled = hasHostCompiler();
if (!compiled)
  console.warn('no gcc for this machine: the portable C is not tested (the AVR assembly is, in tests/random-networks)');

(compiled ? describe : describe.skip)('generated C on the host', () => {
  test.each(Array.from({ length: 24 }, (_, seed) => seed))(
    'random network %i gives the logits of the interpreter',
    (seed) => {
      const model = randomModel(seed, { sharing: seed % 3 === 0, preprocessed: seed % 5 === 1 });
      const random = seededRandom(seed);
      const images = IMAGE_MODES.map((mode) => randomImage(model.architecture.input, random, mode));
      const interpreter = createInterpreter(model);
      // Also in ways that are the cheapest for other networks.
      const sources = seed % 2 === 0 ? generate(model) : generateAnyWay(model, random).sources;
      const logits = runOnHost(model, sources, images);
      images.forEach((image, index) => expect(logits[index]).toEqual(interpreter.infer(image)));
    },
  );

  test('layers may be called as what is around them', () => {
    const { architecture, ...rest } = randomModel(1, { preprocessed: true });
    const [first, ...others] = architecture.layers;
    const model = { ...rest, architecture: { ...architecture, layers: [{ ...first, name: 'row' }, ...others] } };
    const image = randomImage(architecture.input, seededRandom(1), 'strokes');
    expect(runOnHost(model, generate(model), [image])).toEqual([createInterpreter(model).infer(image)]);
  });

  test.each(goldenCases())('golden vectors of $model.name', ({ model, images, logits }) => {
    expect(runOnHost(model, generate(model), images).map((given) => [...given])).toEqual(logits);
  });
});
