import fc from 'fast-check';
import { defaultRecipe } from './recipe.ts';
import { arithmeticAt, learningRateAt, sparsityAt } from './schedule.ts';

const fractions = fc.double({ min: 0, max: 1, noNaN: true });

test('the learning rate rises to its peak once and falls to its floor', () => {
  const recipe = { ...defaultRecipe, learningRateFloor: 0.01 };
  const rates = Array.from({ length: 1001 }, (_, i) => learningRateAt(i / 1000, recipe));
  const peak = rates.indexOf(Math.max(...rates));
  expect(peak / 1000).toBeCloseTo(recipe.warmUp, 2);
  expect(rates[peak]).toBeCloseTo(recipe.learningRate, 6);
  expect(rates[1000]).toBeCloseTo(recipe.learningRate / 100, 8);
  for (let i = 1; i <= 1000; i++) expect(Math.sign(rates[i] - rates[i - 1])).toBe(i <= peak ? 1 : -1);
});

test('phases come in order, each for its fraction', () => {
  const phases = { float: 0.5, quantized: 0.3 };
  expect([0, 0.49, 0.51, 0.79, 0.81, 1].map((fraction) => arithmeticAt(fraction, phases))).toEqual([
    'float',
    'float',
    'quantized',
    'quantized',
    'integer',
    'integer',
  ]);
});

test('sparsity never falls, starts at 0 and ends at its ratio', () => {
  fc.assert(
    fc.property(fractions, fractions, fractions, (a, b, ratio) => {
      const [early, late] = a < b ? [a, b] : [b, a];
      expect(sparsityAt(early, ratio)).toBeLessThanOrEqual(sparsityAt(late, ratio));
      expect(sparsityAt(0, ratio)).toBe(0);
      expect(sparsityAt(1, ratio)).toBe(ratio);
    }),
  );
});
