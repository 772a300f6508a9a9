import fc from 'fast-check';
import { biasStepExponent, MOST_BIAS_STEPS } from './bias-step.ts';
import { isWeighted } from './architecture.ts';
import { type Model, parametersOfKind } from './model.ts';
import { randomModel } from './testing/index.ts';
import { validateModel } from './validate.ts';

const EXPONENTS = Array.from({ length: 25 }, (_, exponent) => exponent);
const steps = fc.array(fc.integer({ min: -MOST_BIAS_STEPS, max: MOST_BIAS_STEPS }));

function areMultiples(biases: readonly number[], exponent: number): boolean {
  const multiples = biases.map((bias) => bias / 2 ** exponent);
  return multiples.every((multiple) => Number.isInteger(multiple) && Math.abs(multiple) <= MOST_BIAS_STEPS);
}

describe('biasStepExponent', () => {
  test('is the smallest exponent with which biases are multiples', () => {
    fc.assert(
      fc.property(steps, fc.constantFrom(...EXPONENTS), (multiples, exponent) => {
        const biases = multiples.map((multiple) => multiple * 2 ** exponent);
        expect(biasStepExponent(Int32Array.from(biases))).toBe(EXPONENTS.find((each) => areMultiples(biases, each)));
        expect(biasStepExponent(biases)).toBeLessThanOrEqual(exponent);
      }),
    );
  });

  test('is undefined where there is none', () => {
    const anyBias = fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(fc.array(anyBias), (biases) => {
        expect(biasStepExponent(Int32Array.from(biases))).toBe(EXPONENTS.find((each) => areMultiples(biases, each)));
      }),
    );
    expect(biasStepExponent([128])).toBe(1);
    expect(biasStepExponent([128, 1])).toBeUndefined();
    expect(biasStepExponent([129])).toBeUndefined();
    expect(biasStepExponent([-127 * 2 ** 24])).toBe(24);
  });

  test('is 0 where all biases are', () => {
    expect(biasStepExponent([])).toBe(0);
    expect(biasStepExponent(new Int32Array(3))).toBe(0);
  });
});

/** The first layer that has a bias of its own to break a promise with. */
function broken(model: Model): { readonly model: Model; readonly message: string } | undefined {
  const index = model.architecture.layers.findIndex((layer) => isWeighted(layer) && layer.biasBits === 8);
  if (index < 0) return undefined;
  const own = parametersOfKind('weighted', model.parameters[index]);
  const message = `${model.architecture.layers[index].name} (layer ${index + 1}): its biases are not multiples −127…127`;
  const parameters = model.parameters.with(index, { ...own, bias: own.bias.with(0, 1025) });
  return { model: { ...model, parameters }, message };
}

describe('biases of a layer with biasBits', () => {
  const models = Array.from({ length: 40 }, (_, seed) => randomModel(seed, { sharing: true, maxMacs: 3_000 }));

  test('are bytes in random models, which are valid', () => {
    for (const model of models) {
      expect(() => validateModel(model)).not.toThrow();
      model.architecture.layers.forEach((layer, index) => {
        if (!isWeighted(layer) || layer.biasBits === undefined) return;
        expect(biasStepExponent(parametersOfKind('weighted', model.parameters[index]).bias)).toBeDefined();
      });
    }
  });

  test('are refused where they break the promise', () => {
    const changed = models.map(broken).filter((each) => each !== undefined);
    expect(changed.length).toBeGreaterThan(20);
    for (const { model, message } of changed) expect(() => validateModel(model)).toThrow(message);
  });
});
