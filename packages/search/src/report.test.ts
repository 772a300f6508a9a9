import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { predict } from '@sparrow/codegen';
import type { Dataset, Split } from '@sparrow/datasets';
import { measureModel, type Measurement } from '@sparrow/hil';
import { createInterpreter, encodeModel, inferShapes, type Model } from '@sparrow/model';
import { randomImage, randomModel, seededRandom } from '@sparrow/model/testing';
import { openStudy, randomSampler, type Study } from '@sparrow/optimizer';
import { predictedCost } from './evaluation/chip-cost.ts';
import { unoGoals } from './goals.ts';
import { writeDelivery } from './deliver.ts';
import { collectEvidence } from './report/evidence.ts';
import { reportOf, reportPath, writeReport } from './report.ts';
import { RunFolder } from './run-folder.ts';
import type { Configuration } from './space/configuration.ts';
import { unoLimits } from './space/limits.ts';
import { networkProblem } from './space/problem.ts';
import { observe } from './trials.ts';

const model = randomModel(1);
const dataset = datasetFor(model);
const folder = new RunFolder(join(mkdtempSync(join(tmpdir(), 'sparrow-report-')), 'some-study'));
const problem = networkProblem({ height: 28, width: 28, channels: 1 }, 10, unoLimits);
let study: Study<Configuration>;

beforeAll(() => {
  study = openStudy({ path: folder.studyPath, problem, sampler: randomSampler(problem), seed: 1 });
});

afterAll(() => {
  study.close();
  rmSync(join(folder.path, '..'), { recursive: true });
});

/** Random images that are labelled as the model sees them; of every third test image the label is another one. */
function datasetFor({ architecture }: Model): Dataset {
  const { input } = architecture;
  const classes = inferShapes(architecture).at(-1)!.channels;
  const random = seededRandom(3);
  const interpreter = createInterpreter(model);
  const split = (count: number): Split => {
    const images = Array.from({ length: count }, () => randomImage(input, random));
    const labels = images.map((image, index) => {
      const logits = interpreter.infer(image);
      return (logits.indexOf(Math.max(...logits)) + (index % 3 === 0 ? 1 : 0)) % classes;
    });
    return { count, images: Uint8Array.from(Buffer.concat(images)), labels: Uint8Array.from(labels) };
  };
  const classNames = Array.from({ length: classes }, (_, index) => `class ${index}`);
  return { name: 'mnist', ...input, classes, classNames, train: split(1), validation: split(2), test: split(24) };
}

/** What a worker would have found out, had it trained a network. */
function completeTrial(seed: number): void {
  const trial = study.ask();
  const trained = randomModel(seed);
  const error = 0.5 / seed;
  const result = { validationError: error, floatError: error, isMeasured: false, trainingMilliseconds: 1 };
  const files = { model: encodeModel(trained), weights: new Uint8Array() };
  folder.saveTrial(trial.id, files);
  const cost = predictedCost(predict(trained));
  study.tell(trial, observe({ kind: 'trained', ...files, ...result, cost }, unoLimits));
}

async function finish(): Promise<Measurement> {
  const { images, labels } = dataset.test;
  let predictions = new Uint8Array();
  const measurement = await measureModel(model, images, labels, {
    dataset: dataset.name,
    jobs: 1,
    onPredictions: (answers) => (predictions = Uint8Array.from(answers)),
  });
  const evidence = await collectEvidence(model, {
    dataset,
    goal: unoGoals[0],
    reason: 'it is the only one',
    predictions,
  });
  await writeDelivery(folder.bestPath, model, measurement, evidence);
  return measurement;
}

const running = { dataset, goals: unoGoals, state: 'running' } as const;
const page = (): string => readFileSync(reportPath(folder), 'utf8');

test('a search that has just begun has a report', () => {
  writeReport(folder, study, running);
  expect(page()).toContain('No network is trained yet');
});

test('a running search shows all that is known: every complete trial, the best so far', () => {
  for (let seed = 1; seed <= 5; seed++) completeTrial(seed);
  study.ask();
  const report = reportOf(folder, study, running);
  expect(report.counts).toEqual({ running: 1, pruned: 0, failed: 0 });
  const trials = study.trials().filter(({ state }) => state === 'complete');
  expect(report.trials.map(({ id, error }) => ({ id, error }))).toEqual(
    trials.map(({ id, objectives }) => ({ id, error: objectives.error })),
  );
  expect(report.trials.filter(({ isOnFront }) => isOnFront).map(({ id }) => id)).toEqual(
    study.front().map(({ id }) => id),
  );
  expect(report.trials.map(({ layers }) => layers.length)).toEqual(
    [1, 2, 3, 4, 5].map((seed) => randomModel(seed).architecture.layers.length),
  );
  const [candidate] = report.networks;
  expect(candidate).toMatchObject({ name: 'best', validationError: 0.1, layersAreMeasured: false });
  const prediction = predict(randomModel(5));
  expect(candidate.layers.map(({ cycles }) => cycles)).toEqual(prediction.layers.map(({ cycles }) => cycles));
  writeReport(folder, study, running);
  expect(page()).toContain('The best so far');
});

test('a finished network is shown as the chip ran it', async () => {
  const { correct, images, cycles } = await finish();
  const report = reportOf(folder, study, { dataset, state: 'finished' });
  expect(report.goals.map(({ name }) => name)).toEqual(['best']);
  expect(report.networks).toHaveLength(1);
  const [{ answers, layers, layersAreMeasured, verification, reason }] = report.networks;
  expect({ layersAreMeasured, reason, correct: verification?.correct }).toEqual({
    layersAreMeasured: true,
    reason: 'it is the only one',
    correct,
  });
  // Layers, and a schedule that takes little.
  const inLayers = layers.reduce((sum, layer) => sum + layer.cycles, 0);
  expect(inLayers).toBeLessThan(cycles.max);
  expect(inLayers).toBeGreaterThan(0.8 * cycles.min);

  const { confusion, mistakes } = answers!;
  expect(confusion.flat().reduce((sum, count) => sum + count, 0)).toBe(images);
  expect(confusion.reduce((sum, row, label) => sum + row[label], 0)).toBe(correct);
  expect(mistakes).toHaveLength(images - correct);
  const leads = mistakes.map(({ logits, answer, label }) => logits[answer] - logits[label]);
  expect(leads).toEqual([...leads].sort((a, b) => b - a));
  expect(leads.every((lead) => lead >= 0)).toBe(true);
  const [worst] = mistakes;
  const interpreter = createInterpreter(model);
  expect([...interpreter.infer(worst.picture.pixels)]).toEqual(worst.logits);

  writeReport(folder, study, { dataset, state: 'finished' });
  expect(page()).toContain('Networks that were found');
  expect(readdirSync(folder.path).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

test('evidence that is damaged is named', () => {
  const path = join(folder.bestPath, 'evidence.json');
  writeFileSync(path, '{');
  expect(() => writeReport(folder, study, { dataset, state: 'finished' })).toThrow(`${path} is damaged: delete it`);
});
