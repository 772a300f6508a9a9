import { generate } from '@sparrow/codegen';
import { createInterpreter, type Model } from '@sparrow/model';
import { randomImage, randomModel, seededRandom } from '@sparrow/model/testing';
import { buildFirmware, EMULATOR_BAUD_RATE } from './build.ts';
import { buildModel } from './build-model.ts';
import { runOnEmulator } from './emulator-run.ts';
import { measureModel } from './measure.ts';
import { handWrittenNetwork } from './testing/hand-written.ts';

const model = randomModel(1);

function randomImages(count: number): Uint8Array {
  const random = seededRandom(7);
  return Buffer.concat(Array.from({ length: count }, () => randomImage(model.architecture.input, random)));
}

function predict(images: Uint8Array, count: number): number[] {
  const interpreter = createInterpreter(model);
  const imageBytes = images.length / count;
  return Array.from({ length: count }, (_, index) => {
    const logits = interpreter.infer(images.subarray(index * imageBytes, (index + 1) * imageBytes));
    return logits.indexOf(Math.max(...logits));
  });
}

test('a measurement has what the chip did', async () => {
  const images = randomImages(6);
  const expected = predict(images, 6);
  const labels = Uint8Array.from(expected);
  labels[3]++;
  let predictions = new Uint8Array();
  const onPredictions = (answers: Uint8Array) => (predictions = Uint8Array.from(answers));
  const measurement = await measureModel(model, images, labels, { dataset: 'random', jobs: 1, onPredictions });
  expect([...predictions]).toEqual(expected);
  const { macs, modelBytes } = generate(model);
  expect(measurement).toMatchObject({
    model: model.name,
    dataset: 'random',
    device: 'avr8js',
    images: 6,
    correct: 5,
    accuracy: 5 / 6,
    mismatchedLogits: 0,
    macs,
    modelBytes,
  });
  const { ramBytes, cycles, milliseconds, cyclesPerMac } = measurement;
  expect(ramBytes.total).toBe(ramBytes.static + ramBytes.stack);
  expect(cycles.min).toBeLessThanOrEqual(cycles.mean);
  expect(cycles.mean).toBeLessThanOrEqual(cycles.max);
  expect(milliseconds).toBeCloseTo(cycles.mean / 16_000, 2);
  expect(cyclesPerMac).toBeCloseTo(cycles.mean / macs, 2);
});

test('threads and executors change nothing but the time', async () => {
  const count = 80;
  const images = randomImages(count);
  const { firmware } = await buildModel(model, { baudRate: EMULATOR_BAUD_RATE });
  const progress: number[] = [];
  const alone = await runOnEmulator(firmware, model, images, count, { jobs: 1 });
  const shared = await runOnEmulator(firmware, model, images, count, { jobs: 3, onProgress: (n) => progress.push(n) });
  expect(shared).toEqual(alone);
  expect(await runOnEmulator(firmware, model, images, count, { jobs: 2, executor: 'interpreter' })).toEqual(alone);
  expect([...shared.predictions]).toEqual(predict(images, count));
  expect(progress.at(-1)).toBe(count);
});

test('a firmware that is not the model’s shows as mismatched logits', async () => {
  const last = model.parameters.length - 1;
  const other: Model = {
    ...model,
    parameters: model.parameters.map((parameters, index) =>
      index === last && parameters.kind === 'weighted'
        ? { ...parameters, bias: parameters.bias.map((bias, channel) => bias + (channel === 0 ? 1 : 0)) }
        : parameters,
    ),
  };
  const { firmware } = await buildModel(other, { baudRate: EMULATOR_BAUD_RATE });
  const run = await runOnEmulator(firmware, model, randomImages(4), 4);
  expect(run.mismatchedLogits).toBe(4);
});

/** As many rows, pixels and logits as the model has, so that it can pose as its firmware. */
function impostor(globals: string, pushRow: string) {
  const { height, width, channels } = model.architecture.input;
  return buildFirmware(handWrittenNetwork({ rows: height, rowBytes: width * channels, globals, pushRow }), {
    baudRate: EMULATOR_BAUD_RATE,
  });
}

test('a stack that runs into static data is said to be the reason', async () => {
  const firmware = await impostor(
    `static uint8_t ring[1900];
     static uint8_t __attribute__((noinline)) descend(uint8_t depth) {
       volatile uint8_t here[16] = {depth};
       return depth == 0 ? here[0] : (uint8_t)(descend((uint8_t)(depth - 1)) + here[0]);
     }`,
    'ring[0] = descend(12); ring[row[0]]++; logits[0] = ring[1];',
  );
  await expect(runOnEmulator(firmware, model, randomImages(1), 1)).rejects.toThrow(
    /^model needs [\d,]+ B of RAM, the ATmega328P has 2,048 B \(\d+ B over\): 1,\d+ B static and \d+ B of stack; largest buffer is ring, 1,900 B$/,
  );
});

test('stack that is reserved but never written is an error, since a board could not see it', async () => {
  const firmware = await impostor('', 'uint8_t unused[40]; __asm__ volatile("" ::"r"(unused)); logits[0]++;');
  await expect(runOnEmulator(firmware, model, randomImages(1), 1)).rejects.toThrow(/the painted stack shows/);
});

test('an abort ends the run', async () => {
  const count = 200;
  const { firmware } = await buildModel(model, { baudRate: EMULATOR_BAUD_RATE });
  for (const jobs of [1, 2]) {
    const controller = new AbortController();
    const run = runOnEmulator(firmware, model, randomImages(count), count, { jobs, signal: controller.signal });
    controller.abort();
    await expect(run).rejects.toThrow(/abort/i);
  }
});
