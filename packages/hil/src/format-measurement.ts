import pc from 'picocolors';
import { ATMEGA328P, USABLE_FLASH_BYTES } from './atmega328p.ts';
import { ENERGY_BASIS } from './energy.ts';
import type { CheckUp } from './device.ts';
import type { EmulatorComparison, Measurement } from './measurement.ts';

const count = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 0 });

/** A measurement for people: what was run, then a line for each result. */
export function formatMeasurement(measurement: Measurement, classes: number): string {
  const { images, correct, accuracy, mismatchedLogits, ramBytes, cycles } = measurement;
  const logits = images * classes;
  const agreement =
    mismatchedLogits === 0
      ? pc.green(`all ${count(logits)} equal the reference interpreter's`)
      : pc.red(`${count(mismatchedLogits)} of ${count(logits)} differ from the reference interpreter's`);
  const rows = [
    ['accuracy', `${(100 * accuracy).toFixed(2)} %, ${count(correct)} of ${count(images)} test images`],
    ['logits', agreement],
    ['flash', `${count(measurement.flashBytes)} B of ${count(USABLE_FLASH_BYTES)}, parameters ${count(measurement.modelBytes)}`],
    ['RAM', `${count(ramBytes.total)} B of ${count(ATMEGA328P.ramBytes)}, ${count(ramBytes.static)} static + ${count(ramBytes.stack)} stack; ${count(ATMEGA328P.ramBytes - ramBytes.total)} free`],
    ['time', `${measurement.milliseconds.toFixed(2)} ms at 16 MHz, ${count(cycles.mean)} cycles (${count(cycles.min)} to ${count(cycles.max)})`],
    ['MACs', `${count(measurement.macs)} at ${measurement.cyclesPerMac.toFixed(2)} cycles`],
    ...(measurement.estimatedMillijoules === undefined ? [] : [['energy', `${measurement.estimatedMillijoules.toFixed(2)} mJ (${ENERGY_BASIS})`]]),
    ...(measurement.board === undefined ? [] : [['board', formatCheckUp(measurement.board)]]),
    ...(measurement.emulator === undefined ? [] : [['emulator', formatComparison(measurement.emulator, images)]]),
  ]; // prettier-ignore
  const title = `${pc.bold(measurement.model)} on ${measurement.device}, ${measurement.dataset}`;
  return [title, ...rows.map(([name, value]) => `  ${name.padEnd(10)}${value}`)].join('\n');
}

function formatComparison(comparison: EmulatorComparison, images: number): string {
  const { imagesWithOtherCycles, largestCycleDifference, stackDifferenceBytes } = comparison;
  if (imagesWithOtherCycles === 0 && stackDifferenceBytes === 0) return pc.green('the same cycles and stack');
  const signed = (value: number): string => (value > 0 ? `+${count(value)}` : count(value));
  return pc.yellow(
    `board minus emulator: other cycles in ${count(imagesWithOtherCycles)} of ${count(images)} images (up to ${signed(largestCycleDifference)}), stack ${signed(stackDifferenceBytes)} B`,
  );
}

/** A crystal is off by far less, a ceramic resonator by 0.5 %, the measurement by 1 %. */
const LARGEST_CLOCK_ERROR = 0.03;

function formatCheckUp({ supplyVolts, clockMegahertz }: CheckUp): string {
  const supply =
    supplyVolts === undefined ? 'supply unknown' : `supply ${supplyVolts.toFixed(2)} V by its bandgap, ± 10 %`;
  if (clockMegahertz === undefined) return `${supply}; clock unknown`;
  const clock = `${supply}; clock ${clockMegahertz.toFixed(2)} MHz by this computer's`;
  const error = Math.abs((1e6 * clockMegahertz) / ATMEGA328P.clockHz - 1);
  return error <= LARGEST_CLOCK_ERROR ? clock : pc.yellow(`${clock}, not 16: milliseconds are others than given`);
}
