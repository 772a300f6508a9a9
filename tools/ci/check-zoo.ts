/**
 * Do the recorded measurements reproduce? Builds each model, runs a few test images on the emulated chip, and compares
 * sizes and cycles with measurement.json; counts correct answers over the whole test set in the reference interpreter,
 * whose logits are the chip's.
 *   npx tsx tools/ci/check-zoo.ts [folder of a model ...] [--images 20]    (default: all of zoo/)
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Dataset, loadDataset } from '@sparrow/datasets';
import { type Measurement, verify } from '@sparrow/hil';
import { createInterpreter, type Model, readModel } from '@sparrow/model';
import { contradictions } from '../zoo/contradictions.ts';
import { readMeasurement, readZoo } from '../zoo/entries.ts';

async function complaints(folder: string, images: number): Promise<string[]> {
  const recorded = readMeasurement(folder);
  const model = readModel(folder);
  const dataset = await loadDataset(recorded.dataset);
  const measured = await verify(model, dataset, { images, device: 'avr8js' });
  return [...contradictions(recorded, measured), ...checkAccuracy(recorded, model, dataset)];
}

function checkAccuracy({ images, correct }: Measurement, model: Model, { test }: Dataset): string[] {
  if (images !== test.count) return [`${images} images were measured, the test set has ${test.count}`];
  const counted = countCorrect(model, test);
  return counted === correct ? [] : [`${counted} of ${images} are correct, recorded is ${correct}`];
}

function countCorrect(model: Model, { images, labels, count }: Dataset['test']): number {
  const interpreter = createInterpreter(model);
  const imageBytes = images.length / count;
  return labels.reduce((correct, label, index) => {
    const logits = interpreter.infer(images.subarray(index * imageBytes, (index + 1) * imageBytes));
    return correct + (logits.indexOf(Math.max(...logits)) === label ? 1 : 0);
  }, 0);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { images: { type: 'string', default: '20' } },
});
const root = join(import.meta.dirname, '../..');
const folders = positionals.length > 0 ? positionals : readZoo(root).map(({ folder }) => join(root, folder));
for (const folder of folders) {
  const found = await complaints(folder, Number(values.images)).catch((error: Error) => [error.message]);
  console.log(`${found.length === 0 ? 'reproduces' : 'DIFFERS   '}  ${folder}`);
  for (const complaint of found) console.log(`    ${complaint}`);
  if (found.length > 0) process.exitCode = 1;
}
if (folders.length === 0) console.log('zoo/ has no models');
