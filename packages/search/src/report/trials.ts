import { existsSync } from 'node:fs';
import { decodeModel } from '@sparrow/model';
import { importanceOf, describeArchitecture, type Importance, type ReportedTrial } from '@sparrow/report';
import type { Json } from '@sparrow/optimizer';
import type { RunFolder } from '../run-folder.ts';
import { latestOfEachLineage, ratingOf, type NetworkTrial } from '../trials.ts';

/** Complete trials as a report shows them. */
export function reportedTrials(
  folder: RunFolder,
  trials: readonly NetworkTrial[],
  front: ReadonlySet<NetworkTrial>,
): ReportedTrial[] {
  return trials.map((trial) => {
    const { error, cost } = ratingOf(trial);
    const { ramBytes, flashBytes, modelBytes, milliseconds, macs } = cost;
    return {
      id: trial.id,
      parent: trial.parent,
      rung: trial.rung,
      isOnFront: front.has(trial),
      error,
      cost: { ramBytes, flashBytes, parameterBytes: modelBytes, milliseconds, macs },
      isMeasured: trial.attributes.isMeasured !== false,
      layers: layerLines(folder, trial),
    };
  });
}

/** A trial that did not change is the same object each time that a study is read. */
const knownLines = new WeakMap<NetworkTrial, readonly string[]>();

/** Of the model as it was trained and pruned; nothing, if somebody removed it to save space. */
function layerLines(folder: RunFolder, trial: NetworkTrial): readonly string[] {
  const known = knownLines.get(trial);
  if (known !== undefined) return known;
  const path = folder.modelPath(trial.id);
  const lines = existsSync(path)
    ? describeArchitecture(decodeModel(folder.readModel(trial.id), path).architecture).map(
        ({ operation, output }) => `${operation} → ${output}`,
      )
    : [];
  knownLines.set(trial, lines);
  return lines;
}

/** Which hyperparameters matter, of trials that are not the beginning of another one. */
export function importanceAmong(trials: readonly NetworkTrial[]): Importance | undefined {
  const latest = latestOfEachLineage(trials);
  const ratings = latest.map(ratingOf);
  const configurations = latest.map(({ configuration, rung }) => ({ ...configuration, rung }) as Json);
  const target = (name: string, value: (rating: (typeof ratings)[number]) => number) => ({
    name,
    values: ratings.map((rating) => Math.log(value(rating))),
  });
  return importanceOf(configurations, [
    target('error', ({ error }) => error),
    target('RAM', ({ cost }) => cost.ramBytes),
    target('flash', ({ cost }) => cost.flashBytes),
    target('time', ({ cost }) => cost.cycles),
  ]);
}
