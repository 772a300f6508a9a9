import { generate } from '@sparrow/codegen';
import { countMacs } from '@sparrow/model';
import { randomImage, randomModel, seededRandom } from '@sparrow/model/testing';
import { createAvr8jsDevice } from '../avr8js-device.ts';
import { EMULATOR_BAUD_RATE } from '../build.ts';
import { buildModel } from '../build-model.ts';
import { referenceModel } from '../testing/reference-model.ts';
import { formatProfile } from './format-profile.ts';
import { profileModel } from './profile-model.ts';

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** One that the images are preprocessed for. */
const preprocessedModel = () => randomModel(1, { preprocessed: true });

test.each([referenceModel(), ...[4, 6, 8, 11].map((seed) => randomModel(seed)), preprocessedModel()])(
  'cycles and flash of $name are all accounted for',
  async (model) => {
    const random = seededRandom(1);
    const images = [0, 1].map(() => randomImage(model.architecture.input, random));
    const profile = await profileModel(model, images);
    const { layers, cycles, phases, flashBytes, ramBytes } = profile;

    const { firmware } = await buildModel(model, { baudRate: EMULATOR_BAUD_RATE });
    const device = createAvr8jsDevice(firmware);
    const counted = [];
    for (const image of images) counted.push((await device.infer(image)).cycles);
    // Each time the hardware timer runs, for sparrow_begin and for each row, it also counts the caller's CALL and a cycle of its own.
    const CALL_CYCLES = 5;
    const starts = model.architecture.input.height + 1;
    const roundings = 4 * layers.length + 2;
    expect(Math.abs(total(counted) / images.length - CALL_CYCLES * starts - cycles)).toBeLessThan(roundings);
    for (const layer of layers) expect(total(Object.values(layer.phases))).toBe(layer.cycles);
    const others = profile.scheduleCycles + profile.preprocessingCycles + profile.cycleCounterCycles;
    expect(total(Object.values(phases)) + others).toBe(cycles);

    const { modelBytes, macs } = generate(model);
    expect(total(layers.map((layer) => layer.flashBytes.parameters))).toBe(modelBytes);
    const code = total(layers.map((layer) => layer.flashBytes.code));
    const around = flashBytes.schedule + flashBytes.preprocessing + flashBytes.serialLine + flashBytes.other;
    expect(code + modelBytes + around).toBe(flashBytes.total);
    expect(flashBytes.total).toBe(firmware.flashBytes);
    expect(flashBytes.other).toBeLessThan(1024);
    expect(layers.map((layer) => layer.macs)).toEqual(countMacs(model.architecture).byLayer);
    expect(profile.macs).toBe(macs);
    expect(ramBytes.static).toBe(firmware.staticRamBytes);
    expect(ramBytes.stack).toBeGreaterThan(0);
  },
);

test('the reference network spends its time in its convolutions, most of it on products', async () => {
  const model = referenceModel();
  const profile = await profileModel(model, [new Uint8Array(28 * 28).fill(100)]);
  const byName = new Map(profile.layers.map((layer) => [layer.name, layer]));
  const convolutions = ['conv1', 'conv2', 'conv3'].map((name) => byName.get(name)?.cycles ?? 0);
  expect(total(convolutions) / profile.cycles).toBeGreaterThan(0.9);
  for (const name of ['conv2', 'conv3']) {
    const { phases, cycles } = byName.get(name) ?? { phases: profile.phases, cycles: 0 };
    expect(phases.compute / cycles).toBeGreaterThan(0.8);
    expect(phases.requantisation).toBeGreaterThan(0);
    expect(phases.borders).toBeGreaterThan(0);
  }
  // Max-pools are part of the convolutions before them.
  expect(byName.get('pool1')?.cycles).toBe(0);
  const text = formatProfile(profile);
  for (const { name } of profile.layers) expect(text).toContain(name);
});

test('preprocessing has cycles and flash of its own, where there is any', async () => {
  const model = preprocessedModel();
  const { height, width } = model.architecture.input;
  const profile = await profileModel(model, [new Uint8Array(height * width).fill(100)]);
  expect(profile.preprocessingCycles).toBeGreaterThan(90 * height * width);
  expect(profile.flashBytes.preprocessing).toBeGreaterThan(1000);
  expect(profile.flashBytes.schedule).toBeLessThan(500);
  expect(formatProfile(profile)).toContain('preprocessing');
  const direct = randomModel(4);
  const { input } = direct.architecture;
  const other = await profileModel(direct, [new Uint8Array(input.height * input.width * input.channels)]);
  expect(other.preprocessingCycles).toBe(0);
  expect(other.flashBytes.preprocessing).toBe(0);
  expect(formatProfile(other)).not.toContain('preprocessing');
});
