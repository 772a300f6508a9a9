import { ENERGY_BASIS, estimateMillijoules } from './energy.ts';

test('a second at 16 MHz takes what the datasheet says for 8 MHz, twice: 10.4 mA at 5 V', () => {
  expect(estimateMillijoules(16_000_000)).toBeCloseTo(52, 10);
  expect(ENERGY_BASIS).toBe('estimated: 10.4 mA at 5 V, from the datasheet');
});
