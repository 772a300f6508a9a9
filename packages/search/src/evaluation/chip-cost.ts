import type { Prediction } from '@sparrow/codegen';
import type { Measurement } from '@sparrow/hil';

/** What a network takes on the chip. Bytes are those of the whole firmware, HIL program and stack included. */
export interface ChipCost {
  readonly flashBytes: number;
  /** Of the parameters alone, positions of sparse weights included. */
  readonly modelBytes: number;
  readonly ramBytes: number;
  readonly cycles: number;
  readonly milliseconds: number;
  readonly macs: number;
}

const CLOCK_KILOHERTZ = 16_000;

export function predictedCost({ flashBytes, modelBytes, ramBytes, cycles, macs }: Prediction): ChipCost {
  return { flashBytes, modelBytes, ramBytes: ramBytes.total, cycles, milliseconds: cycles / CLOCK_KILOHERTZ, macs };
}

export function measuredCost({ flashBytes, modelBytes, ramBytes, cycles, milliseconds, macs }: Measurement): ChipCost {
  return { flashBytes, modelBytes, ramBytes: ramBytes.total, cycles: cycles.mean, milliseconds, macs };
}
