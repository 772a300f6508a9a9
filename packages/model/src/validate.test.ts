import { averagePool, conv2d, depthwiseConv2d, logits, maxPool, residual, sequential } from './builder.ts';
import { infer } from './interpreter/interpreter.ts';
import type { LayerParameters, Model } from './model.ts';
import { randomModel } from './testing/index.ts';
import { validateModel } from './validate.ts';

/** conv1, depthwise1, add1, pool1 (average), pool2 (max), dense1. */
const architecture = sequential({ height: 4, width: 4, channels: 1 }, [
  conv2d(2, { kernel: 1, weightBits: 4 }),
  residual([depthwiseConv2d({ kernel: 1, weightBits: 2 })]),
  averagePool(2),
  maxPool(2),
  logits(1),
]);
const requantization = { multipliers: Uint16Array.of(1, 65_535), shift: 8 } as const;
const valid = [
  { kind: 'weighted', weights: Int8Array.of(-7, 7), bias: Int32Array.of(1, 2), requantization },
  { kind: 'weighted', weights: Int8Array.of(-1, 1), bias: Int32Array.of(1, 2), requantization },
  { kind: 'add', multipliers: [0, 65_535], bias: 1, shift: 16 },
  { kind: 'pool', bias: 2, requantization: { multipliers: Uint16Array.of(64), shift: 8 } },
  { kind: 'none' },
  { kind: 'weighted', weights: Int8Array.of(-127, 127), bias: Int32Array.of(-5) },
] as const satisfies LayerParameters[];

function modelWith(index: number, change: object): Model {
  const parameters = valid.map((own, layer) => (layer === index ? { ...own, ...change } : own)) as LayerParameters[];
  return { name: 'tiny', architecture, parameters, provenance: {} };
}

test('valid models pass', () => {
  expect(() => validateModel(modelWith(0, {}))).not.toThrow();
  for (let seed = 0; seed < 100; seed++) expect(() => validateModel(randomModel(seed))).not.toThrow();
});

test.each<[number, object, string]>([
  [0, { weights: Int8Array.of(-8, 7) }, 'conv1 (layer 1): weight 0 is -8, but with weightBits 4 it must be −7 to 7'],
  [1, { weights: Int8Array.of(1, 2) }, 'depthwise1 (layer 2): weight 1 is 2, but with weightBits 2 it must be −1 to 1'],
  [5, { weights: Int8Array.of(1, -128) }, 'dense1 (layer 6): weight 1 is -128, but with weightBits 8 it must be −127 to 127'],
  [0, { weights: Int8Array.of(1) }, 'conv1 (layer 1): needs 2 weights, has 1'],
  [0, { bias: Int32Array.of(1) }, 'conv1 (layer 1): needs 2 biases, one a channel, has 1'],
  [0, { requantization: undefined }, 'conv1 (layer 1): has no requantization; only the last layer goes without'],
  [5, { requantization }, 'dense1 (layer 6): gives the logits, so it must not have a requantization'],
  [0, { requantization: { ...requantization, multipliers: Uint16Array.of(1) } }, 'conv1 (layer 1): needs 2 multiplier(s), has 1'],
  [0, { requantization: { ...requantization, multipliers: Uint16Array.of(1, 0) } },
    'conv1 (layer 1): multiplier 1 is 0; multipliers are 1…65535 (for an empty channel take 1)'],
  [0, { requantization: { ...requantization, shift: 7 } }, 'conv1 (layer 1): shift must be 0, 8, 16 or 24, not 7'],
  [2, { shift: 32 }, 'add1 (layer 3): shift must be 0, 8, 16 or 24, not 32'],
  [2, { multipliers: [1, 65_536] }, 'add1 (layer 3): multipliers must be two integers in 0…65535, not 1 and 65536'],
  [2, { bias: 0.5 }, 'add1 (layer 3): bias 0.5 is not a signed 32-bit integer'],
  [3, { bias: 2 ** 31 }, 'pool1 (layer 4): bias 2147483648 is not a signed 32-bit integer'],
  [4, { kind: 'pool' }, 'pool2 (layer 5): maxPool has parameters of kind none, not pool'],
  [3, { bias: 2 ** 31 - 1 }, 'pool1 (layer 4): the accumulator of channel 1 can be 2147483647…2147484663, which does not fit 32 bits'],
  [2, { bias: 2 ** 31 - 1 }, 'add1 (layer 3): the accumulator of channel 1 can be 2147483647…2164195072, which does not fit 32 bits'],
  [5, { bias: Int32Array.of(2 ** 31 - 1) }, 'dense1 (layer 6): the accumulator of channel 0 can be '],
])('layer %i with %j is refused', (index, change, message) => {
  expect(() => validateModel(modelWith(index, change))).toThrow(message);
  expect(() => infer(modelWith(index, change), new Uint8Array(16))).toThrow(message);
}); // prettier-ignore

test('a missing layer is refused', () => {
  const model = { ...modelWith(0, {}), parameters: valid.slice(1) };
  expect(() => validateModel(model)).toThrow('tiny: 6 layers, but parameters for 5');
});
