import {
  type Architecture,
  conv2d,
  hasNarrowMultipliers,
  type LayerTemplate,
  logits,
  type Model,
  orbitSize,
  sequential,
} from '@sparrow/model';
import { randomImage, seededRandom } from '@sparrow/model/testing';
import { generate, predict, type Prediction, typicalModel } from '@sparrow/codegen';
import { buildFirmware, EMULATOR_BAUD_RATE, runOnEmulator } from '@sparrow/hil';

/** Each orbit has a bias of its own, and a multiplier where that need not be a float of a byte. */
function modelOf(architecture: Architecture): Model {
  const model = typicalModel('orbits', architecture, { sumBits: 16, sparsity: 0 });
  const parameters = model.parameters.map((own, index) => {
    const layer = architecture.layers[index];
    if (own.kind !== 'weighted' || !own.requantization) return own;
    const orbitOf = (filter: number): number => Math.floor(filter / orbitSize(layer));
    const { multipliers, shift } = own.requantization;
    const varied = multipliers.map((value, filter) => value - (orbitOf(filter) % 3));
    return {
      ...own,
      bias: own.bias.map((_, filter) => 30 * (orbitOf(filter) % 5) - 40),
      requantization: { shift, multipliers: hasNarrowMultipliers(layer) ? multipliers : varied },
    };
  });
  return { ...model, parameters };
}

async function expectExact(channels: number, templates: readonly LayerTemplate[]): Promise<Prediction> {
  const model = modelOf(sequential({ height: 8, width: 9, channels }, [...templates, logits(4)]));
  const firmware = await buildFirmware(generate(model), { baudRate: EMULATOR_BAUD_RATE });
  const image = randomImage(model.architecture.input, seededRandom(1), 'noise');
  const { mismatchedLogits, cycles } = await runOnEmulator(firmware, model, image, 1, { jobs: 1 });
  const prediction = predict(model);
  expect(prediction.layers[0].description).toContain('unfolded');
  expect(mismatchedLogits).toBe(0);
  expect(Math.abs(prediction.cycles / cycles[0] - 1)).toBeLessThan(0.002);
  return prediction;
}

// Rows of taps that begin in the middle of a byte, in an image of one channel and of several; taps that are too far apart for a displacement;
// and filters that are all of one orbit.
describe.each(['mirror', 'rotation'] as const)('the chip unfolds filters that read the image: %s', (symmetry) => {
  test.each([
    [1, 3, 8],
    [1, 5, 4],
    [3, 3, 4],
    [4, 3, 4],
    [3, 1, 8],
    [1, 4, 4],
    [2, 7, 4],
  ])('%i channels, a kernel of %i, %i filters', async (channels, kernel, filters) => {
    await expectExact(channels, [conv2d(filters, { symmetry, kernel, weightBits: 4 })]);
  });
});

describe.each([4, 8] as const)('the chip unfolds filters whose channels change places, of %i bits', (weightBits) => {
  test.each([
    ['rotation', 3, 8],
    ['rotation', 1, 4],
    ['mirror', 2, 6],
    ['mirror', { height: 2, width: 3 }, 4],
    ['rotation', 2, 60],
    ['mirror', { height: 1, width: 2 }, 62],
  ] as const)('%s, a kernel of %j, %i channels', async (symmetry, kernel, channels) => {
    const count = symmetry === 'rotation' ? 4 : 2;
    await expectExact(1, [
      conv2d(channels, { symmetry, kernel: 1, weightBits: 8 }),
      conv2d(2 * count, { symmetry, kernel, weightBits, stride: 2 }),
    ]);
  });
});

// An orbit of 128 bytes: where the first of three ends, the low byte of Z is what it is behind the last one.
test('the chip finds the last of orbits that end 256 bytes apart', async () => {
  const narrow = { symmetry: 'rotation', weightBits: 4, biasBits: 8, multiplierBits: 8 } as const;
  const templates = [conv2d(28, { ...narrow, kernel: 1 }), conv2d(12, { ...narrow, kernel: 3, stride: 2 })];
  const { layers } = await expectExact(1, templates);
  expect(layers[1].parameterBytes).toBe(3 * 128);
});
