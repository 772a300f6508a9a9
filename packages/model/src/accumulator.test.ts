import { accumulatorBits, analyzeRanges } from './accumulator.ts';
import { dense, logits, sequential } from './builder.ts';
import { createInterpreter } from './interpreter/interpreter.ts';
import { accumulate } from './interpreter/layer.ts';
import type { Model } from './model.ts';
import { IMAGE_MODES, randomImage, randomModel, seededRandom } from './testing/index.ts';

describe('analyzeRanges', () => {
  test('no accumulator and no activation of any image leaves its proven range', () => {
    for (let seed = 0; seed < 60; seed++) {
      const model = randomModel(seed, { maxMacs: 5_000 });
      const { accumulators, maxima } = analyzeRanges(model);
      const interpreter = createInterpreter(model);
      const random = seededRandom(seed);
      for (const mode of IMAGE_MODES) {
        const values = interpreter.inferTensors(randomImage(model.architecture.input, random, mode));
        const tensors = values.map((tensor, index) => ({
          shape: interpreter.shapes[index],
          values: Uint8Array.from(tensor),
        }));
        model.architecture.layers.forEach((layer, index) => {
          const { channels } = interpreter.shapes[index + 1];
          const last = index === model.architecture.layers.length - 1;
          const tooHigh = (value: number, element: number) => value > maxima[index + 1][element % channels];
          if (!last) expect(values[index + 1].findIndex(tooHigh)).toBe(-1);
          if (layer.kind === 'maxPool') return;
          const sums = new Int32Array(values[index + 1].length);
          accumulate(
            layer,
            model.parameters[index],
            layer.inputs.map((tensor) => tensors[tensor]),
            sums,
          );
          const ranges = accumulators[index];
          expect(
            sums.findIndex((sum, i) => sum < ranges[i % channels].lowest || sum > ranges[i % channels].highest),
          ).toBe(-1);
        });
      }
    }
  });

  test('the bounds of a first layer are reached, and what follows profits from a proven maximum', () => {
    const model: Model = {
      name: 'two dense layers',
      architecture: sequential({ height: 1, width: 1, channels: 3 }, [dense(2), logits(1)]),
      parameters: [
        {
          kind: 'weighted',
          weights: Int8Array.of(100, -50, 7, -1, -2, 3),
          bias: Int32Array.of(-20, 40),
          requantization: { multipliers: Uint16Array.of(1, 256), shift: 8 },
        },
        { kind: 'weighted', weights: Int8Array.of(10, -1), bias: Int32Array.of(5) },
      ],
      provenance: {},
    };
    const { accumulators, maxima } = analyzeRanges(model);
    expect(accumulators[0]).toEqual([
      { lowest: -20 - 255 * 50, highest: -20 + 255 * 107 },
      { lowest: 40 - 255 * 3, highest: 40 + 255 * 3 },
    ]);
    // ⌊(255·107 − 20) / 256⌋ = 106 and min(255, 805) = 255.
    expect(maxima.map((channels) => [...channels])).toEqual([[255, 255, 255], [106, 255], [0]]);
    expect(accumulators[1]).toEqual([{ lowest: 5 - 255, highest: 5 + 10 * 106 }]);
    const [, activations] = createInterpreter(model).inferTensors(Uint8Array.of(255, 0, 255));
    expect([...activations]).toEqual([106, 255]);
  });
});

test.each([
  [-32_768, 32_767, 16],
  [-32_769, 0, 24],
  [0, 32_768, 24],
  [-(2 ** 23), 2 ** 23 - 1, 24],
  [0, 2 ** 23, 32],
  [-(2 ** 31), 2 ** 31 - 1, 32],
])('%i…%i needs %i bits', (lowest, highest, bits) => {
  expect(accumulatorBits({ lowest: -1, highest: 1 }, { lowest, highest })).toBe(bits);
});

test('more than 32 bits are refused', () => {
  expect(() => accumulatorBits({ lowest: 0, highest: 2 ** 31 })).toThrow('an accumulator exceeds 32 bits');
});
