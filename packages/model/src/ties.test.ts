import type { Architecture, LayerSpec } from './architecture.ts';
import { tieOf } from './architecture.ts';
import { conv2d, depthwiseConv2d, type LayerTemplate, logits, maxPool, residual, sequential } from './builder.ts';
import { decodeModel } from './file/decode.ts';
import { encodeModel, modelId } from './file/encode.ts';
import { infer } from './interpreter/interpreter.ts';
import { type Model, parametersOfKind } from './model.ts';
import { inferShapes } from './shapes.ts';
import { randomModel } from './testing/index.ts';
import { tiedGroups } from './ties.ts';
import { validateModel } from './validate.ts';

const INPUT = { height: 6, width: 5, channels: 4 };
const head = logits(2);
const owner = conv2d(4, { name: 'owner' });

/** Random models with tied layers. */
const tiedModels = Array.from({ length: 60 }, (_, seed) => randomModel(seed, { sharing: true, maxMacs: 3_000 })).filter(
  ({ architecture }) => tiedGroups(architecture.layers).length > 0,
);

function withLayers(model: Model, change: (layer: LayerSpec) => LayerSpec): Model {
  return { ...model, architecture: { ...model.architecture, layers: model.architecture.layers.map(change) } };
}

/** With another name for every layer, also where one is tied to it. */
function renamed(model: Model): Model {
  const other = (name: string) => `other_${name}`;
  return withLayers(model, (layer) => {
    const tiedTo = tieOf(layer);
    return { ...layer, name: other(layer.name), ...(tiedTo === undefined ? {} : { tiedTo: other(tiedTo) }) };
  });
}

describe('tiedGroups', () => {
  test('are the layers that have the same weights, the one that has them first', () => {
    const { layers } = sequential(INPUT, [
      depthwiseConv2d({ name: 'early' }),
      owner,
      residual([conv2d(4, { tiedTo: 'owner', name: 'second' }), conv2d(4, { name: 'alone' })]),
      depthwiseConv2d({ tiedTo: 'early', name: 'late' }),
      conv2d(4, { tiedTo: 'owner', name: 'third' }),
      head,
    ]);
    expect(tiedGroups(layers)).toEqual([
      ['owner', 'second', 'third'],
      ['early', 'late'],
    ]);
  });

  test('are none where each layer has weights of its own', () => {
    expect(tiedGroups(sequential(INPUT, [owner, conv2d(4), head]).layers)).toEqual([]);
  });
});

describe('ties', () => {
  test('leave stride, padding and biasBits to each layer', () => {
    const architecture = sequential(INPUT, [
      owner,
      conv2d(4, { tiedTo: 'owner', stride: 2, biasBits: 8 }),
      conv2d(4, { tiedTo: 'owner', padding: 'valid' }),
      head,
    ]);
    expect(() => inferShapes(architecture)).not.toThrow();
  });

  const after = (...tied: LayerTemplate[]) => sequential(INPUT, [owner, ...tied, head]);
  const refused: [string, Architecture, string][] = [
    ['a name that is not there', after(conv2d(4, { tiedTo: 'nobody' })),
      'conv2 (layer 2): is tied to nobody, but no layer before it has this name'],
    ['a later layer', sequential(INPUT, [conv2d(4, { tiedTo: 'owner' }), owner, head]),
      'conv1 (layer 1): is tied to owner, but no layer before it has this name'],
    ['itself', after(conv2d(4, { tiedTo: 'self', name: 'self' })),
      'self (layer 2): is tied to self, but no layer before it has this name'],
    ['another kind', after(depthwiseConv2d({ tiedTo: 'owner' })),
      'depthwise1 (layer 2): is tied to owner, but that is a conv2d, not a depthwiseConv2d'],
    ['a layer without weights', after(maxPool(2), conv2d(4, { tiedTo: 'pool1' })),
      'conv2 (layer 3): is tied to pool1, but that is a maxPool, not a conv2d'],
    ['a layer that is tied', after(conv2d(4, { tiedTo: 'owner' }), conv2d(4, { tiedTo: 'conv2' })),
      'conv3 (layer 3): is tied to conv2, which is tied itself; tie it to owner'],
    ['a kernel of another size', after(conv2d(4, { tiedTo: 'owner', kernel: { height: 3, width: 1 } })),
      'conv2 (layer 2): is tied to owner, whose weights are 3×3×4 → 4, 8 bits, but it needs 3×1×4 → 4, 8 bits'],
    ['other filters', after(conv2d(5, { tiedTo: 'owner' })),
      'conv2 (layer 2): is tied to owner, whose weights are 3×3×4 → 4, 8 bits, but it needs 3×3×4 → 5, 8 bits'],
    ['other input channels', after(conv2d(3), conv2d(4, { tiedTo: 'owner' })),
      'conv3 (layer 3): is tied to owner, whose weights are 3×3×4 → 4, 8 bits, but it needs 3×3×3 → 4, 8 bits'],
    ['another width', after(conv2d(4, { tiedTo: 'owner', weightBits: 4 })),
      'conv2 (layer 2): is tied to owner, whose weights are 3×3×4 → 4, 8 bits, but it needs 3×3×4 → 4, 4 bits'],
    ['other channels of a depthwise layer', after(
      depthwiseConv2d({ name: 'own' }), conv2d(3), depthwiseConv2d({ tiedTo: 'own' })),
      'depthwise2 (layer 4): is tied to own, whose weights are 3×3×4 → 4, 8 bits, but it needs 3×3×3 → 3, 8 bits'],
  ]; // prettier-ignore

  test.each(refused)('to %s are refused', (_, architecture, message) => {
    expect(() => inferShapes(architecture)).toThrow(new Error(message));
  });
});

describe('models with tied layers', () => {
  test('are among the random ones, and valid', () => {
    expect(tiedModels.length).toBeGreaterThan(10);
    for (const model of tiedModels) expect(() => validateModel(model)).not.toThrow();
  });

  test('are refused wherever a weight differs', () => {
    for (const { architecture, parameters, ...rest } of tiedModels) {
      const index = architecture.layers.findIndex((layer) => tieOf(layer) !== undefined);
      const { name } = architecture.layers[index];
      const own = parametersOfKind('weighted', parameters[index]);
      const position = own.weights.length - 1;
      const weights = own.weights.with(position, own.weights[position] === 0 ? 1 : 0);
      const changed = { ...rest, architecture, parameters: parameters.with(index, { ...own, weights }) };
      const theirs = `${own.weights[position]} in ${tieOf(architecture.layers[index])}, which it is tied to`;
      const message = `${name} (layer ${index + 1}): weight ${position} is ${weights[position]}, but ${theirs}`;
      expect(() => validateModel(changed)).toThrow(message);
    }
  });

  test('come back from a file as they were', () => {
    for (const model of tiedModels) expect(decodeModel(encodeModel(model))).toEqual(model);
  });

  test('give the logits that they give untied, and have the same id, whatever layers are called', () => {
    for (const model of tiedModels) {
      const { input } = model.architecture;
      const untied = withLayers(model, (layer) => ({ ...layer, ...('kernel' in layer ? { tiedTo: undefined } : {}) }));
      const image = Uint8Array.from({ length: input.height * input.width * input.channels }, (_, i) => (37 * i) % 256);
      expect(infer(model, image)).toEqual(infer(untied, image));
      expect(modelId(untied)).toBe(modelId(model));
      expect(() => validateModel(renamed(model))).not.toThrow();
      expect(modelId(renamed(model))).toBe(modelId(model));
    }
  });
});
