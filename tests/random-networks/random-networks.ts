import { generate, predict, type GeneratedSources, type Prediction } from '@sparrow/codegen';
import { generateAnyWay } from '@sparrow/codegen/testing';
import { buildFirmware, EMULATOR_BAUD_RATE, runOnEmulator, type ChipRun, type Firmware } from '@sparrow/hil';
import { type Model, symmetryOf, tieOf } from '@sparrow/model';
import { IMAGE_MODES, randomImage, randomModel, seededRandom, type RandomModelOptions } from '@sparrow/model/testing';
import { boundImages } from './bound-images.ts';
import { planarModel } from './planar-model.ts';

/** Networks that are checked, in parts: a part is a test file, so that they run beside each other. */
export const NETWORKS = 500;
const PARTS = 4;

export interface RandomNetwork {
  readonly model: Model;
  readonly sources: GeneratedSources;
  readonly prediction: Prediction;
}

/** Windows that are large enough for sparse 4-bit weights to need more than 16 bits, and for rows of taps that have some weights. */
const WIDE: RandomModelOptions = {
  weightBits: [4],
  require: ['conv2d'],
  input: { height: 5, width: 5, channels: 32 },
  maxLayers: 1,
};

/** With filters in orbits, which by chance are in few networks only; shared filters then, if any are. */
function symmetricModel(seed: number, options: RandomModelOptions): Model {
  for (let draw = seed; ; draw += NETWORKS) {
    const model = randomModel(draw, { ...options, symmetric: true, require: ['conv2d'], weightBits: [4, 8] });
    const { layers } = model.architecture;
    if (layers.some((layer) => symmetryOf(layer) && (!options.sharing || tieOf(layer)))) return model;
  }
}

/** Some are as large as they may be, so that sums of levels are too. */
function preprocessedModel(seed: number): Model {
  const input = { height: 32, width: 32, channels: 1 };
  return randomModel(seed, { preprocessed: true, ...(seed % 75 === 9 ? { input } : {}) });
}

function modelOf(seed: number): Model {
  switch (seed % 25) {
    case 1:
      return randomModel(seed, WIDE);
    case 2:
      return randomModel(seed, { ...WIDE, weightBits: [8] });
    case 3:
    case 4:
      return planarModel(seed);
    case 5:
    case 6:
      return randomModel(seed, { sharing: true });
    case 7:
      return symmetricModel(seed, {});
    case 8:
      return symmetricModel(seed, { sharing: true });
    case 9:
      return preprocessedModel(seed);
    default:
      return randomModel(seed);
  }
}

/** Every other one is computed not in the cheapest way, but in any that the generator knows. */
export function networkOf(seed: number): RandomNetwork {
  const model = modelOf(seed);
  if (seed % 2 === 0) return { model, sources: generate(model), prediction: predict(model) };
  return { model, ...generateAnyWay(model, seededRandom(seed)) };
}

/**
 * Any image, all 0, all 255, and those that drive sums of the first layer to their proven ends; where images are moved and sheared, strokes and
 * gradients too.
 */
function imagesFor(model: Model, seed: number): Uint8Array[] {
  const { input, preprocessing } = model.architecture;
  const random = seededRandom(seed);
  const modes = preprocessing === undefined ? (['noise', 'zero', 'full'] as const) : IMAGE_MODES;
  return [...modes.map((mode) => randomImage(input, random, mode)), ...boundImages(model, random)];
}

/**
 * Declares the tests of one part: random networks through generator, avr-gcc and emulated chip. Every logit has to be the
 * reference interpreter's, and what is measured what was predicted. A seed that fails is found again by `networkOf(seed)`.
 */
export function testRandomNetworks(part: number): void {
  const seeds = Array.from({ length: NETWORKS / PARTS }, (_, index) => part + index * PARTS);
  test.each(seeds)(
    'network %i computes what the interpreter does, in the time and space that were predicted',
    async (seed) => {
      const { model, sources, prediction } = networkOf(seed);
      const firmware = await buildFirmware(sources, { baudRate: EMULATOR_BAUD_RATE });
      const images = imagesFor(model, seed);
      const run = await runOnEmulator(firmware, model, concatenate(images), images.length, { jobs: 1 });
      expect(run.mismatchedLogits).toBe(0);
      expectPredicted(prediction, firmware, run);
    },
  );
}

/** Cycles are those of every image: time does not depend on what is computed. */
function expectPredicted(
  prediction: Prediction,
  { flashBytes, staticRamBytes }: Firmware,
  { cycles, stackBytes }: ChipRun,
) {
  expect(Math.max(...cycles) - Math.min(...cycles)).toBeLessThanOrEqual(2);
  expect(Math.abs(prediction.cycles / cycles[0] - 1)).toBeLessThan(0.002);
  expect(Math.abs(prediction.flashBytes / flashBytes - 1)).toBeLessThan(0.02);
  expect(prediction.ramBytes.static).toBe(staticRamBytes);
  expect(Math.abs(prediction.ramBytes.stack - stackBytes)).toBeLessThanOrEqual(2);
}

function concatenate(images: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(images.reduce((sum, image) => sum + image.length, 0));
  images.forEach((image, index) => all.set(image, index * image.length));
  return all;
}
