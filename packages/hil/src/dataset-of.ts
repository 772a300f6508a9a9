import { parseDatasetName, type DatasetName } from '@sparrow/datasets';
import type { Model } from '@sparrow/model';

/**
 * The dataset that a model was trained on; MNIST, if it does not say.
 *
 * @throws Error in one line, if it names a dataset that is not known here
 */
export function datasetOf({ provenance }: Pick<Model, 'provenance'>): DatasetName {
  const { dataset } = provenance;
  return typeof dataset === 'string' ? parseDatasetName(dataset) : 'mnist';
}
