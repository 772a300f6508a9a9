import fc from 'fast-check';
import { foldAdd, foldPool } from './folding.ts';
import { chooseShift, snapPool } from './requantization.ts';

const factors = fc.double({ min: 1e-6, max: 60_000, noNaN: true });

test('a chosen shift leaves the largest multiplier its steps, within 16 bits', () => {
  fc.assert(
    fc.property(factors, (largest) => {
      const multiplier = largest * 2 ** chooseShift(largest);
      expect(multiplier).toBeLessThanOrEqual(65535);
      if (largest > 16 / 2 ** 24) expect(multiplier).toBeGreaterThanOrEqual(16);
    }),
  );
});

test('a factor above 16 bits is refused', () => {
  expect(() => chooseShift(70_000)).toThrow(/degenerated/);
});

test('the mean over 2 × 2 pixels is a shift by two bits, rounded', () => {
  expect(foldPool(4, 1 / 255, Math.fround(1 / 255))).toEqual({
    kind: 'pool',
    bias: 2,
    requantization: { multipliers: Uint16Array.of(64), shift: 8 },
  });
});

test('a snapped pool is exact, never saturates more than was asked, and snaps to itself in float32', () => {
  const scales = fc.double({ min: 1e-3, max: 10, noNaN: true });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1024 }),
      scales,
      fc.double({ min: 0.02, max: 1, noNaN: true }),
      (count, inputScale, share) => {
        const wanted = inputScale * share;
        const snapped = snapPool(count, inputScale, wanted);
        expect(snapped.outputScale).toBeGreaterThanOrEqual(wanted * (1 - 1e-5));
        expect((snapped.multiplier / 2 ** snapped.shift) * count * snapped.outputScale).toBeCloseTo(inputScale, 9);
        const again = snapPool(count, Math.fround(inputScale), Math.fround(snapped.outputScale));
        expect(again.multiplier / 2 ** again.shift).toBe(snapped.multiplier / 2 ** snapped.shift);
      },
    ),
  );
});

test('an addition of equal scales into twice the scale halves both', () => {
  expect(foldAdd(0.5, 0.5, 1)).toEqual({ kind: 'add', multipliers: [128, 128], bias: 128, shift: 8 });
});
