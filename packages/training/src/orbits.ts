import { type Architecture, inferShapes, orbitSize, shareOrbits, symmetryOf, weightOrbits } from '@sparrow/model';
import type { LayerWeights, Weights } from './engine.ts';

/** A layer whose filters come in orbits. */
interface Layer {
  readonly name: string;
  /** Filters of an orbit. */
  readonly order: number;
  /** See `weightOrbits`. */
  readonly sources: Int32Array;
  /** Copies the kernel's values, or what is laid out as they are, of the first filter of each orbit to the others. */
  readonly share: (values: Float32Array | Uint8Array) => void;
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
      if (layer.kind !== 'conv2d' || symmetryOf(layer) === undefined) return [];
      const { channels } = shapes[layer.inputs[0]];
      const share = (values: Float32Array | Uint8Array): void => shareOrbits(layer, channels, values);
      return [{ name: layer.name, order: orbitSize(layer), sources: weightOrbits(layer, channels), share }];
    });
  }

  get isEmpty(): boolean {
    return this.#layers.length === 0;
  }

  /** In place: all of an orbit get the sum of what its members have. */
  shareGradients(gradients: Weights): void {
    for (const { name, order, sources } of this.#layers) {
      const layer = gradients.get(name) as LayerWeights;
      sumOver(layer.kernel, (index) => sources[index]);
      for (const parameter of PER_CHANNEL) sumOver(layer[parameter], (channel) => channel - (channel % order));
    }
  }

  /** In place: all of an orbit get what its first filter has. */
  shareWeights(weights: Weights): void {
    for (const { name, order, share } of this.#layers) {
      const layer = weights.get(name) as LayerWeights;
      share(layer.kernel);
      share(layer.mask);
      for (const parameter of [...PER_CHANNEL, ...STATISTICS]) {
        const values = layer[parameter];
        values.forEach((_, channel) => (values[channel] = values[channel - (channel % order)]));
      }
    }
  }
}

/** In place: each value becomes the sum of all that have the same source. A source is one of the values itself, the first of them. */
function sumOver(values: Float32Array, sourceOf: (index: number) => number): void {
  values.forEach((value, index) => {
    if (sourceOf(index) !== index) values[sourceOf(index)] += value;
  });
  values.forEach((_, index) => (values[index] = values[sourceOf(index)]));
}
