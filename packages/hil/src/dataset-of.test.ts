import { datasetOf } from './dataset-of.ts';

test('a model says what it was trained on', () => {
  expect(datasetOf({ provenance: { dataset: 'fashion-mnist', seed: 1 } })).toBe('fashion-mnist');
  expect(datasetOf({ provenance: {} })).toBe('mnist');
  expect(() => datasetOf({ provenance: { dataset: 'my-digits' } })).toThrow("unknown dataset 'my-digits'");
});
