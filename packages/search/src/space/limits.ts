import {
  countMacs,
  inferShapes,
  isWeighted,
  ModelError,
  planMemory,
  weightCount,
  type Architecture,
} from '@sparrow/model';

/** What a candidate may take. Bytes are those of the whole firmware, HIL program and stack included. */
export interface Limits {
  readonly ramBytes: number;
  readonly flashBytes: number;
  /** Bounds the time that training and the chip take; not a property of the chip. */
  readonly macs: number;
}

/** The Arduino Uno: 2,048 B of RAM, 32,768 B of flash less 512 B of bootloader (ATmega328P datasheet §8.2, §8.3). */
export const unoLimits: Limits = { ramBytes: 2048, flashBytes: 32_256, macs: 500_000 };

/** Least RAM of the HIL program and stack, and least flash of code, that come on top of buffers and weights. */
const overhead = { ramBytes: 80, flashBytes: 3_000 } as const;

/** Bytes of packed weights, biases and multipliers; what the generator makes of them is measured later. */
export function parameterBytes(architecture: Architecture): number {
  const shapes = inferShapes(architecture);
  return architecture.layers.reduce((sum, layer, index) => {
    if (!isWeighted(layer)) return sum;
    const weights = weightCount(layer, shapes[layer.inputs[0]]);
    return sum + Math.ceil((weights * layer.weightBits) / 8) + 4 * shapes[index + 1].channels;
  }, 0);
}

/**
 * Whether the network is worth training: it has valid shapes and is not bound to exceed a limit. A necessary condition
 * that costs well under a millisecond; the measurement on the chip decides.
 */
export function mayFit(architecture: Architecture, limits: Limits): boolean {
  try {
    return (
      countMacs(architecture).total <= limits.macs &&
      parameterBytes(architecture) + overhead.flashBytes <= limits.flashBytes &&
      planMemory(architecture).arenaBytes + overhead.ramBytes <= limits.ramBytes
    );
  } catch (error) {
    if (error instanceof ModelError) return false;
    throw error;
  }
}
