export * from './dataset.ts';
export { datasetNames, loadDataset, parseDatasetName } from './registry.ts';
export { slice } from './split.ts';
