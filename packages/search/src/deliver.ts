import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from '@sparrow/codegen';
import { buildFirmware, measureModel, type Measurement } from '@sparrow/hil';
import { encodeModel, MODEL_FILE_NAME, type Model } from '@sparrow/model';
import type { SearchContext } from './context.ts';
import { count } from './cli/format.ts';
import { flashingGuide } from './flashing-guide.ts';
import { writeAtomically } from './run-folder.ts';

export type DeliveryContext = Pick<SearchContext, 'folder' | 'dataset' | 'view' | 'jobs'>;

/**
 * Verifies the finished model on the emulated chip with every test image, and fills the run's `best` folder:
 *
 *   model.sparrow      the model                    firmware/        C sources, HIL program, firmware.elf
 *   measurement.json   what was measured            firmware.hex     what to flash
 *   FLASHING.md        how
 *
 * This is the only place that reads the test split.
 */
export async function deliver(context: DeliveryContext, model: Model): Promise<Measurement> {
  const { folder, dataset, view } = context;
  const { test } = dataset;
  const measurement = await measureModel(model, test.images, test.labels, {
    dataset: dataset.name,
    jobs: context.jobs,
    onProgress: (done) => view.status(done / test.count, `${count(done)} of ${count(test.count)} test images`),
  });
  mkdirSync(folder.path, { recursive: true });
  const staging = mkdtempSync(join(folder.path, 'best-'));
  const { hex } = await buildFirmware(generate(model), { folder: join(staging, 'firmware') });
  writeFileSync(join(staging, MODEL_FILE_NAME), encodeModel(model));
  writeFileSync(join(staging, 'firmware.hex'), hex);
  writeFileSync(join(staging, 'FLASHING.md'), flashingGuide(measurement));
  writeAtomically(join(staging, 'measurement.json'), `${JSON.stringify(measurement, null, 2)}\n`);
  rmSync(folder.bestPath, { recursive: true, force: true });
  renameSync(staging, folder.bestPath);
  return measurement;
}
