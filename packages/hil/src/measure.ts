import type { GeneratedSources } from '@sparrow/codegen';
import type { Model } from '@sparrow/model';
import { millisecondsOf } from './atmega328p.ts';
import { EMULATOR_BAUD_RATE, type Firmware } from './build.ts';
import { buildModel } from './build-model.ts';
import type { ChipRun } from './chip-run.ts';
import type { CheckUp } from './device.ts';
import { runOnEmulator, type RunOptions } from './emulator-run.ts';
import { estimateMillijoules } from './energy.ts';
import type { EmulatorComparison, Measurement } from './measurement.ts';

export interface MeasureOptions extends RunOptions {
  /** Goes into the measurement. */
  readonly dataset: string;
  /** Gets the class that the chip answered for each image, which the measurement only counts. */
  readonly onPredictions?: (predictions: Uint8Array) => void;
}

/**
 * Generates, builds and runs a model on the emulated chip, and compares every logit with the reference interpreter.
 * `images`: `[image][row][column][channel]`, one for each label.
 *
 * @throws DoesNotFitError if it needs more flash or RAM than the chip has
 */
export async function measureModel(
  model: Model,
  images: Uint8Array,
  labels: Uint8Array,
  options: MeasureOptions,
): Promise<Measurement> {
  const { sources, firmware } = await buildModel(model, { baudRate: EMULATOR_BAUD_RATE });
  const run = await runOnEmulator(firmware, model, images, labels.length, options);
  options.onPredictions?.(run.predictions);
  return summarize({ model, dataset: options.dataset, device: 'avr8js', sources, firmware, labels, run });
}

export interface MeasuredRun {
  readonly model: Model;
  readonly dataset: string;
  readonly device: string;
  readonly sources: GeneratedSources;
  readonly firmware: Firmware;
  readonly labels: Uint8Array;
  readonly run: ChipRun;
  /** The same images on the emulated chip, if `run` is a board's. */
  readonly emulated?: ChipRun;
  readonly checkUp?: CheckUp;
}

export function summarize({
  model,
  dataset,
  device,
  sources,
  firmware,
  labels,
  run,
  emulated,
  checkUp,
}: MeasuredRun): Measurement {
  const images = labels.length;
  const correct = labels.reduce((count, label, index) => count + (run.predictions[index] === label ? 1 : 0), 0);
  const meanCycles = run.cycles.reduce((sum, cycles) => sum + cycles, 0) / images;
  return {
    model: model.name,
    dataset,
    device,
    images,
    correct,
    accuracy: correct / images,
    mismatchedLogits: run.mismatchedLogits,
    flashBytes: firmware.flashBytes,
    modelBytes: sources.modelBytes,
    ramBytes: {
      static: firmware.staticRamBytes,
      stack: run.stackBytes,
      total: firmware.staticRamBytes + run.stackBytes,
    },
    macs: sources.macs,
    cycles: { min: minimum(run.cycles), mean: round(meanCycles, 1), max: maximum(run.cycles) },
    milliseconds: round(millisecondsOf(meanCycles), 3),
    cyclesPerMac: round(meanCycles / sources.macs, 3),
    estimatedMillijoules: round(estimateMillijoules(meanCycles), 3),
    ...(checkUp && { board: roundCheckUp(checkUp) }),
    ...(emulated && { emulator: compareWithEmulator(run, emulated) }),
  };
}

function roundCheckUp({ supplyVolts, clockMegahertz }: CheckUp): CheckUp {
  return {
    ...(supplyVolts !== undefined && { supplyVolts: round(supplyVolts, 2) }),
    ...(clockMegahertz !== undefined && { clockMegahertz: round(clockMegahertz, 2) }),
  };
}

function compareWithEmulator(run: ChipRun, emulated: ChipRun): EmulatorComparison {
  const differences = [...run.cycles].map((cycles, index) => cycles - emulated.cycles[index]);
  return {
    imagesWithOtherCycles: differences.filter((difference) => difference !== 0).length,
    largestCycleDifference: differences.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0),
    stackDifferenceBytes: run.stackBytes - emulated.stackBytes,
  };
}

const minimum = (values: Uint32Array): number => values.reduce((least, value) => Math.min(least, value), Infinity);
const maximum = (values: Uint32Array): number => values.reduce((most, value) => Math.max(most, value), 0);

export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
