import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Measurement } from '@sparrow/hil';

/** A model that somebody can flash without searching, with what was measured of it. */
export interface ZooEntry {
  /** Of the model and its measurement, from the workspace's root: `zoo/mnist/<name>`. */
  readonly folder: string;
  readonly measurement: Measurement;
}

/** All of `zoo/<dataset>/<name>/`, by dataset, then the most accurate first. */
export function readZoo(root: string): ZooEntry[] {
  const folders = subfolders(root, 'zoo').flatMap((dataset) => subfolders(root, dataset));
  return folders
    .map((folder) => ({ folder, measurement: readMeasurement(join(root, folder)) }))
    .sort(
      (a, b) =>
        a.measurement.dataset.localeCompare(b.measurement.dataset) || b.measurement.accuracy - a.measurement.accuracy,
    );
}

/** @throws Error in one line if the folder has no measurement */
export function readMeasurement(folder: string): Measurement {
  const file = join(folder, 'measurement.json');
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Measurement;
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}: write it with hil:verify --json`);
  }
}

function subfolders(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => `${folder}/${entry.name}`);
}
