import { type Architecture, type LayerSpec, type Shape, tieOf } from '../architecture.ts';
import { runLayer, type Tensor } from '../interpreter/layer.ts';
import { type LayerParameters, type Model, parametersOfKind } from '../model.ts';
import { preprocess } from '../preprocessing/index.ts';
import { inferShapes, shapeSize } from '../shapes.ts';
import { randomArchitecture, type RandomArchitectureOptions } from './random-architecture.ts';
import { IMAGE_MODES, randomImage } from './random-image.ts';
import { randomParameters } from './random-parameters.ts';
import { type Random, seededRandom } from './random.ts';

export type RandomModelOptions = RandomArchitectureOptions;

/**
 * A valid model, small enough for a 2 KB chip, with all that a model may have: every operator, odd sizes, any kernel and
 * stride, all weight widths, sparse and empty filters, accumulators up to the ends of the 32-bit range (tied layers,
 * multipliers and biases of a byte with the option `sharing`, filters in orbits with `symmetric`, normalised images with `preprocessed`); and yet
 * alive: most activations depend on the image. The same seed and options give the same model.
 */
export function randomModel(seed: number, options: RandomModelOptions = {}): Model {
  const random = seededRandom(seed);
  const architecture = randomArchitecture(random, options);
  const shapes = inferShapes(architecture);
  const runs = IMAGE_MODES.map((mode): Tensor[] => [
    { shape: architecture.input, values: preprocess(architecture, randomImage(architecture.input, random, mode)) },
  ]);
  const parameters: LayerParameters[] = [];
  architecture.layers.forEach((layer, index) => {
    const inputs = runs.map((tensors) => layer.inputs.map((tensor) => tensors[tensor]));
    const drawn = drawLive(layer, inputs, shapes[index + 1], random, sharedWeights(layer, architecture, parameters));
    runs.forEach((tensors, image) => tensors.push(drawn.outputs[image]));
    parameters.push(drawn.parameters);
  });
  return { name: `random-${seed}`, architecture, parameters, provenance: { seed } };
}

/** The weights of the layer that this one is tied to, if it is. */
function sharedWeights(
  layer: LayerSpec,
  { layers }: Architecture,
  parameters: readonly LayerParameters[],
): Int8Array | undefined {
  const owner = layers.findIndex(({ name }) => name === tieOf(layer));
  return owner < 0 ? undefined : parametersOfKind('weighted', parameters[owner]).weights;
}

interface Drawn {
  readonly parameters: LayerParameters;
  /** By image. */
  readonly outputs: readonly Tensor[];
}

/** Draws parameters again (a few times) while the outputs do not depend on the image. */
function drawLive(
  layer: LayerSpec,
  inputs: readonly Tensor[][],
  shape: Shape,
  random: Random,
  shared: Int8Array | undefined,
): Drawn {
  for (let attempt = 0; ; attempt++) {
    const parameters = randomParameters(layer, inputs, shape, random, shared);
    const outputs = inputs.map((tensors) => {
      const values = new Uint8Array(shapeSize(shape));
      runLayer(layer, parameters, tensors, new Int32Array(values.length), values);
      return { shape, values };
    });
    const live = outputs.some(({ values }) => Buffer.compare(values, outputs[0].values) !== 0);
    if (live || attempt === 5) return { parameters, outputs };
  }
}
