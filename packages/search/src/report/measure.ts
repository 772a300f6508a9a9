import { basename, join } from 'node:path';
import { measureModel } from '@sparrow/hil';
import { MODEL_FILE_NAME, readModel } from '@sparrow/model';
import { count } from '../cli/format.ts';
import type { SearchContext } from '../context.ts';
import { unoGoals } from '../goals.ts';
import type { RunFolder } from '../run-folder.ts';
import { collectEvidence, readEvidence, writeEvidence } from './evidence.ts';
import { finishedFolders } from './networks.ts';

/** Runs the finished networks of a study whose answers were not kept on the emulated chip, with every test image. */
export async function measureForReport(
  folder: RunFolder,
  { dataset, view, jobs }: Pick<SearchContext, 'dataset' | 'view' | 'jobs'>,
): Promise<void> {
  const { test } = dataset;
  for (const path of finishedFolders(folder, unoGoals)) {
    if (readEvidence(path) !== undefined) continue;
    view.phase(`Running ${path} on the emulated chip`);
    const model = readModel(join(path, MODEL_FILE_NAME));
    let predictions = new Uint8Array();
    await measureModel(model, test.images, test.labels, {
      dataset: dataset.name,
      jobs,
      onPredictions: (answers) => (predictions = Uint8Array.from(answers)),
      onProgress: (done) => view.status(done / test.count, `${count(done)} of ${count(test.count)} test images`),
    });
    const goal = unoGoals.find(({ name }) => name === basename(path)) ?? unoGoals[0];
    writeEvidence(
      path,
      await collectEvidence(model, { dataset, goal, reason: 'measured again for this report', predictions }),
    );
  }
}
