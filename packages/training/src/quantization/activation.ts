import type { Architecture, Shape } from '@sparrow/model';
import { snapPool } from './requantization.ts';

/** Raw pixels 0…255 stand for 0…1. */
export const INPUT_SCALE = 1 / 255;

/** Share of a tensor's positive values that must not saturate. */
const KEPT_SHARE = 0.999;

/** More values than this are thinned out before they are sorted. */
const SAMPLE_LENGTH = 1 << 17;

/**
 * What 255 shall stand for: the 99.9th percentile of the positive activations of the calibration images; 1 if there are none.
 * Order does not matter.
 */
export function activationRange(activations: Float32Array): number {
  const step = Math.ceil(activations.length / SAMPLE_LENGTH);
  const positive = activations.filter((value, index) => value > 0 && index % step === 0).sort();
  return positive.length === 0 ? 1 : positive[Math.floor(KEPT_SHARE * (positive.length - 1))];
}

/**
 * The scale of each tensor (`real = scale · integer`), from the range observed for it: entry 0 is the network's input, the
 * last entry (the logits) is unused. Max-pooling hands its input's scale on; so does average pooling, up to the factor
 * that makes its multiplier an exact small integer. `ranges` is only read for the other layers.
 */
export function activationScales(
  architecture: Architecture,
  shapes: readonly Shape[],
  ranges: ArrayLike<number>,
): Float32Array {
  const scales = new Float32Array(architecture.layers.length + 1);
  scales[0] = INPUT_SCALE;
  architecture.layers.forEach((layer, index) => {
    const input = layer.inputs[0];
    const calibrated = ranges[index + 1] / 255;
    if (layer.kind === 'maxPool') {
      scales[index + 1] = scales[input];
    } else if (layer.kind === 'averagePool') {
      scales[index + 1] = snapPool(layer.window.height * layer.window.width, scales[input], scales[input]).outputScale;
    } else if (layer.kind === 'globalAveragePool') {
      scales[index + 1] = snapPool(shapes[input].height * shapes[input].width, scales[input], calibrated).outputScale;
    } else {
      scales[index + 1] = calibrated;
    }
  });
  return scales;
}
