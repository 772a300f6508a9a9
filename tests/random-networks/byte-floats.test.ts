import { conv2d, decodeByteFloat, logits, type Model, sequential } from '@sparrow/model';
import { randomImage, seededRandom } from '@sparrow/model/testing';
import { generate, predict, typicalModel } from '@sparrow/codegen';
import { buildFirmware, EMULATOR_BAUD_RATE, runOnEmulator } from '@sparrow/hil';

const SHIFT = 16;

/** A filter for each multiplier, with a bias that the multiplier brings to about 200: a step of its mantissa is 6 at least. */
function modelWith(bytes: readonly number[]): Model {
  const architecture = sequential({ height: 2, width: 3, channels: 1 }, [
    conv2d(bytes.length, { kernel: 1, multiplierBits: 8 }),
    logits(2),
  ]);
  const model = typicalModel('floats', architecture, { sumBits: 24, sparsity: 0 });
  const multipliers = Uint16Array.from(bytes, decodeByteFloat);
  const bias = Int32Array.from(multipliers, (multiplier) => (200 * 2 ** SHIFT) / multiplier);
  const weights = new Int8Array(bytes.length).fill(1);
  const [, last] = model.parameters;
  const first = { kind: 'weighted', weights, bias, requantization: { multipliers, shift: SHIFT } } as const;
  return { ...model, parameters: [first, last] };
}

const bytesFrom = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** Exponents are the upper four bits: 0 is that of denormals, and from 9 on products move by a byte. Each layer needs two bytes for its largest. */
const LAYERS = {
  'with denormals and all exponents': [...bytesFrom(0x01, 0x1f), ...bytesFrom(0xb0, 0xcf)],
  'with denormals, small ones': [...bytesFrom(0x01, 0x0f), ...bytesFrom(0x20, 0x5f)],
  'without denormals, of all exponents': bytesFrom(0x70, 0xaf),
  'without denormals, to the largest exponent that does not move': bytesFrom(0x60, 0x8f),
  'without denormals, to the first float that moves': [...bytesFrom(0x10, 0x1f), ...bytesFrom(0x80, 0x90)],
};

test.each(Object.entries(LAYERS))('the chip decodes multipliers %s', async (_, bytes) => {
  const model = modelWith(bytes);
  const firmware = await buildFirmware(generate(model), { baudRate: EMULATOR_BAUD_RATE });
  const image = randomImage(model.architecture.input, seededRandom(1), 'noise');
  const { mismatchedLogits, cycles } = await runOnEmulator(firmware, model, image, 1, { jobs: 1 });
  expect(mismatchedLogits).toBe(0);
  expect(Math.abs(predict(model).cycles / cycles[0] - 1)).toBeLessThan(0.002);
});
