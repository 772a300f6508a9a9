import { createInterpreter } from '@sparrow/model';
import { IMAGE_MODES, randomImage, randomModel, seededRandom } from '@sparrow/model/testing';
import { runOnHost } from './testing/host.ts';

describe('generated C on the host', () => {
  test.each(Array.from({ length: 12 }, (_, seed) => seed))(
    'random network %i gives the logits of the interpreter',
    (seed) => {
      const model = randomModel(seed);
      const random = seededRandom(seed);
      const images = IMAGE_MODES.map((mode) => randomImage(model.architecture.input, random, mode));
      const interpreter = createInterpreter(model);
      const logits = runOnHost(model, images);
      images.forEach((image, index) => expect(logits[index]).toEqual(interpreter.infer(image)));
    },
  );
});
