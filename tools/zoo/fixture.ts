import type { Measurement } from '@sparrow/hil';

/** A measurement that contradicts itself nowhere. */
export const consistent: Measurement = {
  model: 'small',
  dataset: 'mnist',
  device: 'avr8js',
  images: 10_000,
  correct: 9_900,
  accuracy: 0.99,
  mismatchedLogits: 0,
  flashBytes: 9_566,
  modelBytes: 3_210,
  ramBytes: { static: 1_500, stack: 100, total: 1_600 },
  macs: 100_000,
  cycles: { min: 790_000, mean: 800_000, max: 810_000 },
  milliseconds: 50,
  cyclesPerMac: 8,
};
