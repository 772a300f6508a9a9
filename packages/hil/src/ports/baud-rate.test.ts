import { BOARD_BAUD_RATE, EMULATOR_BAUD_RATE } from '../build.ts';
import { baudRateError, checkBaudRate, wireMilliseconds } from './baud-rate.ts';

test('the default moves an MNIST image in under 20 ms on the wire, both ways, at a rate that the chip has exactly', () => {
  expect(wireMilliseconds(28, 28, 10, BOARD_BAUD_RATE)).toBe(11.17);
  expect(baudRateError(BOARD_BAUD_RATE)).toBe(0);
  expect(baudRateError(EMULATOR_BAUD_RATE)).toBe(0);
});

test('errors are those of the datasheet, table 19-12', () => {
  const percent = (rate: number): string => (100 * baudRateError(rate)).toFixed(1);
  expect([9_600, 57_600, 115_200, 230_400].map(percent)).toEqual(['0.2', '-0.8', '2.1', '-3.5']);
});

test('a rate that is more than 2 % off is refused in one line with others to take', () => {
  expect(() => checkBaudRate(115_200)).toThrow(
    /^the chip cannot do 115200 baud: [^\n]*117647, 2\.1 % off; take 1000000/,
  );
  expect(() => checkBaudRate(4_000_000)).toThrow(/2000000, -50\.0 % off/);
  expect(() => checkBaudRate(500_000)).not.toThrow();
});
