import { createInterpreter, encodeModel, inferShapes, type Model } from '@sparrow/model';
import type { Engine } from '../engine.ts';
import { everyLayer, spots } from '../engine.fixtures.ts';
import { sparsityOf } from '../pruning/index.ts';
import { Random } from '../random.ts';
import { countCorrect } from '../targets.ts';
import { wasmEngine } from '../wasm/engine.ts';
import { decodeWeights, encodeWeights } from '../weights.ts';
import { defaultRecipe, phasesFor, type Recipe } from './recipe.ts';
import { trainModel, type TrainingData, type TrainingOptions } from './train.ts';

const shape = everyLayer.input;
const dataset: TrainingData = {
  name: 'spots',
  ...shape,
  train: { count: 640, ...spots(640, 1) },
  validation: { count: 200, ...spots(200, 2) },
};
const recipe: Recipe = {
  ...defaultRecipe,
  epochs: 6,
  batchSize: 32,
  augmentation: { shiftPixels: 0.5, rotateDegrees: 3, scaleFraction: 0.05 },
};
const train = (changes: Partial<Recipe> = {}, options: Partial<TrainingOptions> = {}) =>
  trainModel({
    engine: wasmEngine,
    architecture: everyLayer,
    dataset,
    seed: 5,
    ...options,
    recipe: { ...recipe, ...changes },
  });

function interpretedAccuracy(model: Model): number {
  const { infer } = createInterpreter(model);
  const { images, labels, count } = dataset.validation;
  const imageBytes = images.length / count;
  const logits = Array.from({ length: count }, (_, i) => [
    ...infer(images.subarray(i * imageBytes, (i + 1) * imageBytes)),
  ]);
  return countCorrect(logits.flat(), labels) / count;
}

test('learns, through all arithmetics, and reports what the interpreter finds', async () => {
  const { model, validationAccuracy, floatAccuracy, history } = await train();
  expect(validationAccuracy).toBeGreaterThan(0.97);
  expect(floatAccuracy).toBeGreaterThan(0.97);
  expect(interpretedAccuracy(model)).toBe(validationAccuracy);
  expect(history.map(({ arithmetic }) => arithmetic)).toEqual([
    'float',
    'float',
    'float',
    'quantized',
    'quantized',
    'integer',
  ]);
});

test('what ends in quantized arithmetic takes the statistics of its last weights, and loses nothing to integers', async () => {
  const layers = everyLayer.layers.map((layer) =>
    'kernel' in layer ? { ...layer, multiplierBits: 8 as const } : layer,
  );
  const architecture = { ...everyLayer, layers };
  const rates: number[] = [];
  const engine: Engine = {
    ...wasmEngine,
    async createNetwork(...options) {
      const network = await wasmEngine.createNetwork(...options);
      const trainStep = network.trainStep.bind(network);
      network.trainStep = (batch, step) => {
        rates.push(step.learningRate);
        return trainStep(batch, step);
      };
      return network;
    },
  };
  const { model, validationAccuracy, history } = await train(
    { phases: phasesFor(architecture) },
    { architecture, engine },
  );
  expect(history.map(({ arithmetic }) => arithmetic)).not.toContain('integer');
  expect(validationAccuracy).toBeGreaterThan(0.97);
  expect(interpretedAccuracy(model)).toBe(validationAccuracy);
  // As many as the running average needs, or an epoch if that is less.
  expect(rates.slice(-dataset.train.count / recipe.batchSize).every((rate) => rate === 0)).toBe(true);
});

test('the same seed gives the same bytes, another seed others', async () => {
  const [first, second, other] = await Promise.all([train(), train(), train({}, { seed: 6 })]);
  expect(encodeModel(second.model)).toEqual(encodeModel(first.model));
  expect(other.model.parameters).not.toEqual(first.model.parameters);
});

test('goes on from stored weights', async () => {
  const { weights, validationAccuracy } = await train();
  const stored = decodeWeights(encodeWeights(weights), 'weights.bin');
  const further = await train({ epochs: 1, learningRate: 1e-4 }, { from: stored });
  expect(Math.abs(further.history[0].validationAccuracy - validationAccuracy)).toBeLessThan(0.03);
});

test('structured pruning gives a smaller network that has learned', async () => {
  const { model, validationAccuracy } = await train({ epochs: 10, pruning: { kind: 'structured', ratio: 0.25 } });
  const channels = ({ architecture }: Pick<Model, 'architecture'>) =>
    inferShapes(architecture).reduce((sum, each) => sum + each.channels, 0);
  expect(channels(model)).toBeLessThan(channels({ architecture: everyLayer }));
  expect(validationAccuracy).toBeGreaterThan(0.9);
  expect(interpretedAccuracy(model)).toBe(validationAccuracy);
});

test('magnitude pruning gives zeros in the exported integers', async () => {
  const { model, weights, validationAccuracy } = await train({ pruning: { kind: 'magnitude', ratio: 0.5 } });
  expect(sparsityOf(weights)).toBeCloseTo(0.5, 2);
  const integers = model.parameters.flatMap((parameters) =>
    parameters.kind === 'weighted' ? [...parameters.weights] : [],
  );
  expect(integers.filter((weight) => weight === 0).length / integers.length).toBeGreaterThan(0.49);
  expect(validationAccuracy).toBeGreaterThan(0.9);
});

test.each(['variational', 'groupVariational'] as const)('%s pruning: what noise does not harm goes', async (kind) => {
  const { model, weights, validationAccuracy } = await train({ epochs: 10, pruning: { kind, ratio: 0.3 } });
  const channels = ({ architecture }: Pick<Model, 'architecture'>) =>
    inferShapes(architecture).reduce((sum, each) => sum + each.channels, 0);
  if (kind === 'variational') expect(sparsityOf(weights)).toBeCloseTo(0.3, 2);
  else expect(channels(model)).toBeLessThan(channels({ architecture: everyLayer }));
  expect(validationAccuracy).toBeGreaterThan(0.9);
  expect(interpretedAccuracy(model)).toBe(validationAccuracy);
});

test('stops when it is told to, and says what is wrong with a recipe', async () => {
  const controller = new AbortController();
  const stopped = train({}, { signal: controller.signal, onProgress: () => controller.abort(new Error('enough')) });
  await expect(stopped).rejects.toThrow('enough');
  await expect(train({ pruning: { kind: 'magnitude', ratio: 1.5 } })).rejects.toThrow(
    'recipe: pruning.ratio is 1.5; it must be at least 0 and at most 0.99',
  );
  expect(() => decodeWeights(Uint8Array.of(1, 2, 3), 'weights.bin')).toThrow('weights.bin: not a file of weights');
});

test('a teacher that knows the answers makes up for wrong labels', async () => {
  const teacher = await train();
  const random = new Random(3);
  const labels = dataset.train.labels.map((label) => (random.next() < 0.55 ? (label + 1) % 3 : label));
  const misled = { ...dataset, train: { ...dataset.train, labels } };
  const alone = await train({}, { dataset: misled });
  const taught = await train({}, { dataset: misled, teacher: { architecture: everyLayer, weights: teacher.weights } });
  expect(alone.validationAccuracy).toBeLessThan(0.8);
  expect(taught.validationAccuracy).toBeGreaterThan(alone.validationAccuracy + 0.1);
});
