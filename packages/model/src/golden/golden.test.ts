import { createInterpreter } from '../interpreter/interpreter.ts';
import { goldenCases } from './golden.ts';

describe('golden vectors', () => {
  const cases = goldenCases();

  test('cover every operator and weight width, and are alive', () => {
    const layers = cases.flatMap(({ model }) => model.architecture.layers);
    const kinds = new Set(layers.map((layer) => layer.kind));
    const widths = new Set(layers.flatMap((layer) => ('weightBits' in layer ? [layer.weightBits] : [])));
    expect([kinds.size, widths.size]).toEqual([7, 3]);
    for (const { logits } of cases) expect(new Set(logits.map((values) => values.join())).size).toBeGreaterThan(2);
  });

  test.each(cases.map((golden) => [golden.model.name, golden] as const))('%s', (_, { model, images, logits }) => {
    const interpreter = createInterpreter(model);
    expect(images.map((image) => [...interpreter.infer(image)])).toEqual(logits);
  });
});
