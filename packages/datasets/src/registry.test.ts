import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import type { Dataset, Split } from './dataset.ts';
import { datasetNames, loadDataset } from './registry.ts';

test('an unknown name is refused with the known ones', async () => {
  await expect(loadDataset('minst')).rejects.toThrow(/^unknown dataset 'minst': known are mnist\b/);
  await expect(loadDataset('toString')).rejects.toThrow(/^unknown dataset/);
});

describe.each(datasetNames)('%s', (name) => {
  let dataset: Dataset;
  const splits = (): Split[] => [dataset.train, dataset.validation, dataset.test];
  beforeAll(async () => {
    dataset = await loadDataset(name);
  });

  test('keeps the Dataset contract: sizes, labels within the classes, every class in every split', () => {
    expect(dataset.name).toBe(name);
    for (const split of splits()) {
      expect(split.images.length).toBe(split.count * dataset.height * dataset.width * dataset.channels);
      expect(split.labels.length).toBe(split.count);
      expect([...new Set(split.labels)].sort((a, b) => a - b)).toEqual([...Array(dataset.classes).keys()]);
    }
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

test('mnist is split 55,000 / 5,000 / 10,000', async () => {
  const { train, validation, test } = await loadDataset('mnist');
  expect([train.count, validation.count, test.count]).toEqual([55_000, 5_000, 10_000]);
  expect([...train.labels.subarray(0, 5)]).toEqual([5, 0, 4, 1, 9]);
  expect([...test.labels.subarray(0, 5)]).toEqual([7, 2, 1, 0, 4]);
});
