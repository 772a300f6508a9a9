import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generate } from '@sparrow/codegen';
import { buildFirmware, measureModel, type Measurement } from '@sparrow/hil';
import { encodeModel, MODEL_FILE_NAME, type Model } from '@sparrow/model';
import { count } from './cli/format.ts';
import type { SearchContext } from './context.ts';
import { flashingGuide } from './flashing-guide.ts';

/**
 * Runs a finished model on the emulated chip with every test image. This is the only place that reads the test split: once for each
 * model that is reported.
 */
export async function measureOnTestImages(
  { dataset, view, jobs }: Pick<SearchContext, 'dataset' | 'view' | 'jobs'>,
  model: Model,
): Promise<Measurement> {
  const { test } = dataset;
  return measureModel(model, test.images, test.labels, {
    dataset: dataset.name,
    jobs,
    onProgress: (done) => view.status(done / test.count, `${count(done)} of ${count(test.count)} test images`),
  });
}

/**
 * Fills the folder of a finished model, whole or not at all:
 *
 *   model.sparrow      the network                  firmware/        C and assembly of network and HIL program
 *   measurement.json   what was measured            firmware.hex     what to flash
 *   FLASHING.md        how
 */
export async function writeDelivery(path: string, model: Model, measurement: Measurement): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const staging = mkdtempSync(`${path}-`);
  const { hex } = await buildFirmware(generate(model), { folder: join(staging, 'firmware') });
  writeFileSync(join(staging, MODEL_FILE_NAME), encodeModel(model));
  writeFileSync(join(staging, 'firmware.hex'), hex);
  writeFileSync(join(staging, 'FLASHING.md'), flashingGuide(measurement));
  writeFileSync(join(staging, 'measurement.json'), `${JSON.stringify(measurement, null, 2)}\n`);
  rmSync(path, { recursive: true, force: true });
  renameSync(staging, path);
}
