import {
  averagePool,
  conv2d,
  depthwiseConv2d,
  globalAveragePool,
  logits,
  maxPool,
  residual,
  sequential,
} from '../builder.ts';
import { inferTensors } from '../interpreter/interpreter.ts';
import type { LayerParameters, Model, Requantization } from '../model.ts';
import type { Architecture, Shape } from '../architecture.ts';
import type { Block } from '../builder.ts';

/** Networks small enough to be worked out on paper; the working is beside each number. */

function tensorsOf(input: Shape, blocks: readonly Block[], parameters: readonly LayerParameters[], image: number[]) {
  const architecture: Architecture = sequential(input, blocks);
  const model: Model = { name: 'by hand', architecture, parameters, provenance: {} };
  return inferTensors(model, Uint8Array.from(image)).map((tensor) => [...tensor]);
}

function weighted(weights: number[], bias: number[], requantization?: Requantization): LayerParameters {
  return { kind: 'weighted', weights: Int8Array.from(weights), bias: Int32Array.from(bias), requantization };
}

function scale(shift: Requantization['shift'], ...multipliers: number[]): Requantization {
  return { multipliers: Uint16Array.from(multipliers), shift };
}

test('an even kernel with same padding is padded at the bottom and right', () => {
  const tensors = tensorsOf(
    { height: 2, width: 2, channels: 1 },
    [conv2d(1, { kernel: 2 }), logits(1)],
    [weighted([1, 2, 3, -4], [0], scale(8, 128)), weighted([1, 10, 100, -1], [5])],
    [1, 2, 3, 4],
  );
  expect(tensors[1]).toEqual([
    0, // 1·1 + 2·2 + 3·3 − 4·4 = −2
    7, // 1·2 + 3·4 = 14
    5, // 1·3 + 2·4 = 11, halved
    2, // 1·4
  ]);
  expect(tensors[2]).toEqual([0 * 1 + 7 * 10 + 5 * 100 - 2 + 5]);
});

test.each([
  // out 2, total (2−1)·2 + 3 − 4 = 1, before 0: windows start at 0 and 2.
  [[10, 20, 30, 40], [60 /* 10 − 40 + 90 */, 0 /* 30 − 80 */]],
  // out 3, total (3−1)·2 + 3 − 5 = 2, before 1: windows start at −1, 1 and 3.
  [[10, 20, 30, 40, 50], [40 /* −20 + 60 */, 80 /* 20 − 60 + 120 */, 0 /* 40 − 100 */]],
])('stride 2 with same padding over %j', (image, expected) => {
  const [, activations] = tensorsOf(
    { height: 1, width: image.length, channels: 1 },
    [conv2d(1, { kernel: { height: 1, width: 3 }, stride: 2 }), logits(1)],
    [weighted([1, -2, 3], [0], scale(0, 1)), weighted(expected.map(() => 1), [0])],
    image,
  );
  expect(activations).toEqual(expected);
}); // prettier-ignore

test('channels, depthwise filters, pooling and residual addition', () => {
  // Two channels: channel 0 is 1 2 3 / 4 5 6, channel 1 is 10 times that.
  const image = [1, 2, 3, 4, 5, 6].flatMap((value) => [value, 10 * value]);
  const tensors = tensorsOf(
    { height: 2, width: 3, channels: 2 },
    [
      residual([depthwiseConv2d({ kernel: { height: 1, width: 3 } })]),
      averagePool({ height: 2, width: 1 }, 1),
      maxPool({ height: 1, width: 2 }, 1),
      conv2d(2, { kernel: 1 }),
      globalAveragePool(),
      logits(2),
    ],
    [
      // Taps [left, middle, right], channel by channel: channel 0 is right − left, channel 1 is left + middle + 3.
      weighted([-1, 1, 0, 1, 1, 0], [0, 3], scale(0, 1, 1)),
      { kind: 'add', multipliers: [512, 256], bias: 128, shift: 8 },
      { kind: 'pool', bias: 1, requantization: scale(8, 128) },
      { kind: 'none' },
      // Filter 0: channel 1 − 2·channel 0; filter 1: channel 0, at three quarters.
      weighted([-2, 1, 1, 0], [0, 0], scale(16, 65_535, 49_152)),
      { kind: 'pool', bias: 0, requantization: scale(24, 2 ** 15) },
      weighted([1, 2, 3, 4], [-1_000_000, 2_000_000_000]),
    ],
    image,
  );
  const channels = (values: number[]) => [0, 1].map((channel) => values.filter((_, index) => index % 2 === channel));
  expect(channels(tensors[1])).toEqual([
    [2, 2, 0, 5, 2, 0], // 2−0, 3−1, 0−2 | 5−0, 6−4, 0−5
    [13, 33, 53, 43, 93, 113], // 0+10, 10+20, 20+30 | 40, 40+50, 50+60, each +3
  ]);
  // ⌊(512·x + 256·y + 128) / 256⌋ = 2x + y
  expect(channels(tensors[2])).toEqual([
    [4, 6, 6, 13, 12, 12],
    [33, 73, 113, 123, 193, 233],
  ]);
  // ⌊(top + bottom + 1) / 2⌋: the bias rounds halves up.
  expect(channels(tensors[3])).toEqual([
    [9, 9, 9], // 17/2, 18/2, 18/2
    [78, 133, 173], // 156/2, 266/2, 346/2
  ]);
  expect(channels(tensors[4])).toEqual([
    [9, 9],
    [133, 173],
  ]);
  // Filter 0: 133 − 18 = 115 and 155, each times 65535/65536, rounded down. Filter 1: 9 · 0.75 = 6.75.
  expect(channels(tensors[5])).toEqual([
    [114, 154],
    [6, 6],
  ]);
  // (114 + 154) · 2¹⁵ / 2²⁴ = 0.52 and 12 / 512.
  expect(tensors[6]).toEqual([0, 0]);
  expect(tensors[7]).toEqual([-1_000_000, 2_000_000_000]);
});
