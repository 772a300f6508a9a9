import { SYMMETRIES } from './architecture.ts';
import type { Conv2d, LayerSpec, Shape, Symmetry } from './architecture.ts';
import { conv2d, logits, maxPool, sequential } from './builder.ts';
import { decodeModel } from './file/decode.ts';
import { encodeModel, modelId } from './file/encode.ts';
import { infer } from './interpreter/interpreter.ts';
import { runLayer } from './interpreter/layer.ts';
import { type Model, parametersOfKind } from './model.ts';
import { inferShapes } from './shapes.ts';
import { orbitSize, symmetryOf, weightOrbits } from './symmetry.ts';
import { randomImage, randomModel, seededRandom } from './testing/index.ts';
import { validateModel } from './validate.ts';

const INPUT = { height: 6, width: 6, channels: 1 };
const head = logits(2);

const models = Array.from({ length: 60 }, (_, seed) => randomModel(seed, { symmetric: true, maxMacs: 3_000 })).filter(
  ({ architecture }) => architecture.layers.some((layer) => symmetryOf(layer)),
);

function layersOf(model: Model): { layer: Conv2d; index: number; input: Shape }[] {
  const shapes = inferShapes(model.architecture);
  return model.architecture.layers.flatMap((layer, index) => {
    return layer.kind === 'conv2d' && layer.symmetry ? [{ layer, index, input: shapes[layer.inputs[0]] }] : [];
  });
}

/** Turns every channel of a tensor, and the channels of an orbit with it where there are `order` of them. */
function transformed(values: Uint8Array, { height, width, channels }: Shape, symmetry: Symmetry, order: number) {
  const result = new Uint8Array(values.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) {
        const [toY, toX] = symmetry === 'mirror' ? [y, width - 1 - x] : [x, height - 1 - y];
        const to = c - (c % order) + ((c + 1) % order);
        result[(toY * width + toX) * channels + to] = values[(y * width + x) * channels + c];
      }
    }
  }
  return result;
}

describe('filters in orbits', () => {
  test.each(SYMMETRIES)('compute the transform of what they compute if the input is transformed: %s', (symmetry) => {
    const { architecture, parameters } = symmetricPair(symmetry);
    const shapes = inferShapes(architecture);
    const random = seededRandom(7);
    architecture.layers.slice(0, 2).forEach((layer, index) => {
      const [input, output] = [shapes[index], shapes[index + 1]];
      const image = randomImage(input, random, 'noise');
      const run = (values: Uint8Array): Uint8Array => {
        const result = new Uint8Array(output.height * output.width * output.channels);
        runLayer(layer, parameters[index], [{ shape: input, values }], new Int32Array(result.length), result);
        return result;
      };
      const order = orbitSize(layer);
      const turned = run(transformed(image, input, symmetry, index === 0 ? 1 : order));
      expect(turned).toEqual(transformed(run(image), output, symmetry, order));
    });
  });

  test('give a weight of the first filter to each other filter of the orbit', () => {
    for (const { layer, input } of models.flatMap(layersOf)) {
      const orbits = weightOrbits(layer, input.channels);
      const perFilter = orbits.length / layer.filters;
      for (let filter = 0; filter < layer.filters; filter++) {
        const first = filter - (filter % orbitSize(layer));
        const own = [...orbits.subarray(filter * perFilter, (filter + 1) * perFilter)].sort((a, b) => a - b);
        expect(own).toEqual(own.map((_, index) => first * perFilter + index));
      }
    }
  });
});

/** Two convolutions of one symmetry, and random weights; a file gives the logits. */
function symmetricPair(symmetry: Symmetry): Model {
  const found = Array.from({ length: 300 }, (_, seed) => randomModel(seed, { symmetric: true, input: INPUT })).find(
    ({ architecture: { layers } }) =>
      layers.slice(0, 2).every((layer) => {
        return layer.kind === 'conv2d' && layer.symmetry === symmetry && layer.stride === 1 && isCentred(layer);
      }),
  );
  if (!found) throw new Error(`no random network begins with two convolutions of symmetry ${symmetry}`);
  return found;
}

/** With padding on one side alone a turned image has it on the other. */
function isCentred({ kernel, padding }: Conv2d): boolean {
  return padding === 'valid' || (kernel.height % 2 === 1 && kernel.width % 2 === 1);
}

describe('a model with symmetric filters', () => {
  test('comes back from its file, and has the id of the same one without', () => {
    expect(models.length).toBeGreaterThan(15);
    for (const model of models) {
      expect(decodeModel(encodeModel(model), 'model')).toEqual(model);
      const layers = model.architecture.layers.map(
        (layer): LayerSpec => ({ ...layer, symmetry: undefined }) as LayerSpec,
      );
      const plain = { ...model, architecture: { ...model.architecture, layers } };
      expect(modelId(plain)).toBe(modelId(model));
      const image = randomImage(model.architecture.input, seededRandom(1), 'noise');
      expect(infer(plain, image)).toEqual(infer(model, image));
    }
  });

  test.each(['weights', 'bias', 'multipliers'] as const)('is refused if %s of an orbit differ', (what) => {
    for (const model of models) {
      const [{ index, layer }] = layersOf(model);
      const copy = structuredClone(model) as Model;
      const parameters = parametersOfKind('weighted', copy.parameters[index]);
      const values = what === 'multipliers' ? parameters.requantization?.multipliers : parameters[what];
      if (!values) throw new Error('no requantization');
      const last = values.length - 1;
      values[last] += values[last] > 0 ? -1 : 1;
      expect(() => validateModel(copy)).toThrow(`${layer.name} (layer`);
    }
  });
});

test.each([
  ['filters', [conv2d(6, { symmetry: 'rotation' })], "has 6 filters, but with symmetry 'rotation' they come by 4"],
  ['a kernel', [conv2d(4, { symmetry: 'rotation', kernel: { height: 3, width: 2 } })], 'has to be square'],
  ['channels', [conv2d(3), conv2d(4, { symmetry: 'mirror' })], 'reads 3 channels'],
  ['ternary weights', [conv2d(4, { symmetry: 'mirror', weightBits: 2 })], 'has weights of 2 bits'],
  [
    'a tie to a layer without',
    [conv2d(4), conv2d(4, { name: 'owner' }), maxPool(1), conv2d(4, { symmetry: 'mirror', tiedTo: 'owner' })],
    'symmetry mirror of orbits',
  ],
] as const)('a symmetry is refused with %s that it does not go with', (_, blocks, complaint) => {
  expect(() => inferShapes(sequential(INPUT, [...blocks, head]))).toThrow(complaint);
});
