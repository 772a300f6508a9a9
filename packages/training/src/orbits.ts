import { type Architecture, type Conv2d, firstOfOrbit, inferShapes, shareChannels, weightOrbits } from '@sparrow/model';
import type { LayerWeights, Weights } from './engine.ts';

/** A layer whose filters come in orbits. */
interface Layer {
  readonly spec: Conv2d;
  /** See `weightOrbits`. */
  readonly sources: Int32Array;
}

const PER_CHANNEL = ['gamma', 'beta', 'steps'] as const;
const STATISTICS = ['runningMean', 'runningVariance'] as const;

/**
 * Keeps filters of one orbit transforms of each other (Cohen and Welling 2016). They are at first; each weight, gain and offset gets the sum of
 * the gradients of its orbit, so that whatever an optimiser does to one it does to all. Engines take batch norm's statistics over the
 * channels of an orbit together.
 */
export class Orbits {
  readonly #layers: readonly Layer[];

  constructor(architecture: Architecture) {
    const shapes = inferShapes(architecture);
    this.#layers = architecture.layers.flatMap((layer) => {
      if (layer.kind !== 'conv2d' || layer.symmetry === undefined) return [];
      return [{ spec: layer, sources: weightOrbits(layer, shapes[layer.inputs[0]].channels) }];
    });
  }

  get isEmpty(): boolean {
    return this.#layers.length === 0;
  }

  /** In place: all of an orbit get the sum of what its members have. */
  shareGradients(gradients: Weights): void {
    for (const { spec, sources } of this.#layers) {
      const layer = gradients.get(spec.name) as LayerWeights;
      sumOver(layer.kernel, (index) => sources[index]);
      for (const parameter of PER_CHANNEL) sumOver(layer[parameter], (channel) => firstOfOrbit(spec, channel));
    }
  }

  /** In place: all of an orbit get what its first filter has. */
  shareWeights(weights: Weights): void {
    for (const { spec, sources } of this.#layers) {
      const layer = weights.get(spec.name) as LayerWeights;
      for (const values of [layer.kernel, layer.mask]) copyFrom(values, (index) => sources[index]);
      for (const parameter of [...PER_CHANNEL, ...STATISTICS]) shareChannels(spec, layer[parameter]);
    }
  }
}

/** In place: each value becomes the sum of all that have the same source. A source is one of the values itself, the first of them. */
function sumOver(values: Float32Array, sourceOf: (index: number) => number): void {
  values.forEach((value, index) => {
    if (sourceOf(index) !== index) values[sourceOf(index)] += value;
  });
  copyFrom(values, sourceOf);
}

function copyFrom(values: Float32Array | Uint8Array, sourceOf: (index: number) => number): void {
  values.forEach((_, index) => (values[index] = values[sourceOf(index)]));
}
