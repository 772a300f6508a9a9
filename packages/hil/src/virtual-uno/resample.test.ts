import fc from 'fast-check';
import { charactersHeard } from './resample.ts';

const byte = fc.nat(255);

test('rates that differ by up to 4 % do not matter', () => {
  fc.assert(
    fc.property(
      byte,
      fc.integer({ min: 9600, max: 115_200 }),
      fc.double({ min: 0.96, max: 1.04, noNaN: true }),
      (sent, baud, ratio) => {
        expect(charactersHeard(sent, baud * ratio, baud)).toEqual([{ byte: sent, frameError: false }]);
      },
    ),
  );
});

test('a byte at half the rate: each bit is heard twice, and the stop bit is missed', () => {
  // 0x55 is a start bit and 1 0 1 0 1 0 1 0: heard as start, then 0 1 1 0 0 1 1 0 and a stop bit that is 0.
  expect(charactersHeard(0x55, 57_600, 115_200)[0]).toEqual({ byte: 0x66, frameError: true });
});

test('at any rates there is an end, and at most one character a falling edge', () => {
  const baud = fc.integer({ min: 1, max: 2_000_000 });
  fc.assert(
    fc.property(byte, baud, baud, (sent, sender, receiver) => {
      expect(charactersHeard(sent, sender, receiver).length).toBeLessThanOrEqual(5);
    }),
  );
});
