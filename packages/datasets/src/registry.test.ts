import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { existsSync } from 'node:fs';
import { cacheFolder } from './cache.ts';
import type { Dataset, DatasetName, Split } from './dataset.ts';
import { datasetNames, loadDataset } from './registry.ts';

test('an unknown name is refused with the known ones', async () => {
  await expect(loadDataset('minst')).rejects.toThrow(
    /^unknown dataset 'minst': known are mnist, fashion-mnist, cifar10, cifar10-binary$/,
  );
  await expect(loadDataset('toString')).rejects.toThrow(/^unknown dataset/);
});

/** Where data is kept that has to be fetched. */
const FETCHED: Partial<Record<DatasetName, string>> = {
  'fashion-mnist': 'fashion-mnist',
  cifar10: 'cifar10',
  'cifar10-binary': 'cifar10',
};

/** Tests do not fetch 139 MB; CI does fetch the 31 MB of Fashion-MNIST, by its loader. */
function isAtHand(name: DatasetName): boolean {
  const folder = FETCHED[name];
  if (folder === undefined || existsSync(cacheFolder(folder))) return true;
  return name === 'fashion-mnist' && Boolean(process.env.CI) && existsSync('/usr/bin/apt-get');
}

test('every dataset can be named, and only those', () => {
  expect(datasetNames).toEqual(['mnist', 'fashion-mnist', 'cifar10', 'cifar10-binary']);
});

const SPLITS: Record<DatasetName, { counts: number[]; trainLabels: number[]; testLabels: number[] }> = {
  mnist: { counts: [55_000, 5_000, 10_000], trainLabels: [5, 0, 4, 1, 9], testLabels: [7, 2, 1, 0, 4] },
  'fashion-mnist': { counts: [55_000, 5_000, 10_000], trainLabels: [9, 0, 0, 3, 0], testLabels: [9, 2, 1, 1, 6] },
  cifar10: { counts: [45_000, 5_000, 10_000], trainLabels: [6, 9, 9, 4, 1], testLabels: [3, 8, 8, 0, 6] },
  'cifar10-binary': { counts: [45_000, 5_000, 10_000], trainLabels: [1, 1, 1, 0, 0], testLabels: [0, 1, 1, 0, 1] },
};

describe.each(datasetNames.filter(isAtHand))('%s', (name) => {
  let dataset: Dataset;
  const splits = (): Split[] => [dataset.train, dataset.validation, dataset.test];
  beforeAll(async () => {
    dataset = await loadDataset(name);
  });

  test('keeps the Dataset contract: sizes, labels within the classes, every class in every split', () => {
    expect(dataset.name).toBe(name);
    expect(new Set(dataset.classNames).size).toBe(dataset.classes);
    expect(dataset.classNames.length).toBe(dataset.classes);
    for (const split of splits()) {
      expect(split.images.length).toBe(split.count * dataset.height * dataset.width * dataset.channels);
      expect(split.labels.length).toBe(split.count);
      expect([...new Set(split.labels)].sort((a, b) => a - b)).toEqual([...Array(dataset.classes).keys()]);
    }
  });

  test('has its published labels, in fixed splits', () => {
    const { train, validation, test } = dataset;
    const { counts, trainLabels, testLabels } = SPLITS[name];
    expect([train.count, validation.count, test.count]).toEqual(counts);
    expect([...train.labels.subarray(0, 5)]).toEqual(trainLabels);
    expect([...test.labels.subarray(0, 5)]).toEqual(testLabels);
  });

  test('no image is in both train and validation by overlap of their memory', () => {
    const { train, validation } = dataset;
    if (train.images.buffer !== validation.images.buffer) return;
    const trainEnd = train.images.byteOffset + train.images.byteLength;
    expect(validation.images.byteOffset).toBeGreaterThanOrEqual(trainEnd);
  });

  test('crosses to a worker without a copy', () => {
    const { port1, port2 } = new MessageChannel();
    port1.postMessage(dataset.test);
    const received = receiveMessageOnPort(port2)?.message as Split;
    port1.close();
    const before = dataset.test.images[0];
    received.images[0] = before ^ 255;
    expect(dataset.test.images[0]).toBe(before ^ 255);
    received.images[0] = before;
  });
});
