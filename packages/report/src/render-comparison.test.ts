import fc from 'fast-check';
import { renderComparison, type ComparisonRun } from './render-comparison.ts';

const run = fc.record({
  sampler: fc.string({ maxLength: 12 }),
  seed: fc.nat(9),
  progress: fc.array(
    fc.record({ milliseconds: fc.nat(1e7), trials: fc.nat(1e4), hypervolume: fc.double({ min: 0, max: 1e6 }) }),
    { maxLength: 8 },
  ),
});

test('a line a run in both charts, a name a sampler, and only numbers for coordinates', () => {
  fc.assert(
    fc.property(fc.array(run, { maxLength: 6 }), (runs: ComparisonRun[]) => {
      const page = renderComparison('Samplers on mnist', runs);
      expect(page.match(/<path class="reached/g) ?? []).toHaveLength(2 * runs.length);
      expect(page.match(/class="swatch/g) ?? []).toHaveLength(new Set(runs.map(({ sampler }) => sampler)).size);
      expect(page.match(/ d="[^"]*(?:NaN|Infinity|undefined|e[+-])[^"]*"/g)).toBeNull();
    }),
    { numRuns: 60 },
  );
});
