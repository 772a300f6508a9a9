import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generate } from '@sparrow/codegen';
import { buildFirmware, measureModel, type Measurement } from '@sparrow/hil';
import { encodeModel, MODEL_FILE_NAME, type Model } from '@sparrow/model';
import { count } from './cli/format.ts';
import type { SearchContext } from './context.ts';
import { flashingGuide } from './flashing-guide.ts';
import { writeEvidence, type Evidence } from './report/evidence.ts';

/** A finished model's run over the test images. */
export interface TestRun {
  readonly measurement: Measurement;
  /** What the chip answered, one a test image. */
  readonly predictions: Uint8Array;
}

/**
 * Runs a finished model on the emulated chip with every test image. This is the only place that reads the test split: once for each
 * model that is reported.
 */
export async function measureOnTestImages(
  { dataset, view, jobs }: Pick<SearchContext, 'dataset' | 'view' | 'jobs'>,
  model: Model,
): Promise<TestRun> {
  const { test } = dataset;
  let predictions = new Uint8Array();
  const measurement = await measureModel(model, test.images, test.labels, {
    dataset: dataset.name,
    jobs,
    onPredictions: (answers) => (predictions = Uint8Array.from(answers)),
    onProgress: (done) => view.status(done / test.count, `${count(done)} of ${count(test.count)} test images`),
  });
  return { measurement, predictions };
}

/**
 * Fills the folder of a finished model, whole or not at all:
 *
 *   model.sparrow      the network                  firmware/        C and assembly of network and HIL program
 *   measurement.json   what was measured            firmware.hex     what to flash
 *   FLASHING.md        how                          evidence.json    what the report shows of it, if there is one
 */
export async function writeDelivery(
  path: string,
  model: Model,
  measurement: Measurement,
  evidence?: Evidence,
): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const staging = mkdtempSync(`${path}-`);
  const { hex } = await buildFirmware(generate(model), { folder: join(staging, 'firmware') });
  writeFileSync(join(staging, MODEL_FILE_NAME), encodeModel(model));
  writeFileSync(join(staging, 'firmware.hex'), hex);
  writeFileSync(join(staging, 'FLASHING.md'), flashingGuide(measurement));
  writeFileSync(join(staging, 'measurement.json'), `${JSON.stringify(measurement, null, 2)}\n`);
  if (evidence) writeEvidence(staging, evidence);
  rmSync(path, { recursive: true, force: true });
  renameSync(staging, path);
}
