import type { CheckUp } from './device.ts';

/** What was measured on a chip, emulated or real. This is the JSON of `hil:verify` and of `zoo/**\/measurement.json`. */
export interface Measurement {
  readonly model: string;
  readonly dataset: string;
  /** `avr8js` or the serial port's path. */
  readonly device: string;
  readonly images: number;
  readonly correct: number;
  readonly accuracy: number;
  /** Logits that differ from the reference interpreter's. Anything but 0 is a bug. */
  readonly mismatchedLogits: number;
  /** Everything in the .hex. */
  readonly flashBytes: number;
  /** What the parameters take in flash, positions of sparse weights included. */
  readonly modelBytes: number;
  /** static: .data + .bss; stack: its peak. */
  readonly ramBytes: { readonly static: number; readonly stack: number; readonly total: number };
  readonly macs: number;
  readonly cycles: { readonly min: number; readonly mean: number; readonly max: number };
  readonly milliseconds: number;
  readonly cyclesPerMac: number;
  /** Of the chip's supply, an inference. An estimate from cycles and the datasheet's current (`energy.ts`), never measured. */
  readonly estimatedMillijoules?: number;
  /** Of a board: its supply and clock, as far as the chip can tell. */
  readonly board?: CheckUp;
  /** Of a board: what it says beside the emulated chip. */
  readonly emulator?: EmulatorComparison;
}

/** A board's measurement beside the emulator's of the same images. All 0 if the emulator is what it should be. */
export interface EmulatorComparison {
  /** Images whose cycles differ. */
  readonly imagesWithOtherCycles: number;
  /** The board's cycles minus the emulator's, where that is largest by its absolute value. */
  readonly largestCycleDifference: number;
  /** The board's painted stack minus the emulator's. */
  readonly stackDifferenceBytes: number;
}
