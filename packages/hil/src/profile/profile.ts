import type { LayerSpec } from '@sparrow/model';
import type { LayerFlash } from './flash-account.ts';
import type { Phase } from './phases.ts';

export type PhaseCycles = Readonly<Record<Phase, number>>;

/** One layer of a network on the chip. Cycles are means over the images. */
export interface LayerProfile {
  readonly name: string;
  readonly kind: LayerSpec['kind'];
  readonly macs: number;
  readonly cycles: number;
  /** Absent for layers without weights. */
  readonly cyclesPerMac?: number;
  readonly phases: PhaseCycles;
  readonly flashBytes: LayerFlash;
  /** Rows of its output, and its sums. Layers that live at different times may share this memory. */
  readonly ramBytes: number;
}

/** Where a network's cycles, flash and RAM go. This is the JSON of `hil:profile`. */
export interface Profile {
  readonly model: string;
  readonly images: number;
  readonly layers: readonly LayerProfile[];
  readonly macs: number;
  /** A whole inference: layers, schedule, preprocessing, cycle counter. */
  readonly cycles: number;
  readonly cyclesPerMac: number;
  /** Sums over the layers. */
  readonly phases: PhaseCycles;
  readonly scheduleCycles: number;
  /** 0 where the network reads images as they come. */
  readonly preprocessingCycles: number;
  readonly cycleCounterCycles: number;
  /** Receiving an image and answering, in the emulator: its line never makes the chip wait for a byte. Not part of `cycles`. */
  readonly serialLineCycles: number;
  /** Beside the layers': `other` is start-up, library and code that several layers call. */
  readonly flashBytes: {
    readonly total: number;
    readonly schedule: number;
    readonly preprocessing: number;
    readonly serialLine: number;
    readonly other: number;
  };
  /** `input`: rows of the image, and what preprocesses it. `buffers`: all rows and sums, after sharing; part of `static`. */
  readonly ramBytes: {
    readonly input: number;
    readonly buffers: number;
    readonly static: number;
    readonly stack: number;
    readonly total: number;
  };
}
