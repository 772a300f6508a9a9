import type { Shape } from '../architecture.ts';
import { ModelError } from '../errors.ts';
import type { Model } from '../model.ts';
import { preprocess } from '../preprocessing/index.ts';
import { formatSize, inferShapes, shapeSize } from '../shapes.ts';
import { validateModel } from '../validate.ts';
import { runLayer } from './layer.ts';

/** Every tensor by tensor number: the image as the first layer reads it, the activations of each layer, last the logits. */
export type Tensors = readonly (Uint8Array | Int32Array)[];

/** The reference interpreter: the readable definition of what all executors compute (docs/numerics.md). */
export interface Interpreter {
  /** Shapes by tensor number. */
  readonly shapes: readonly Shape[];
  /** The logits of one image, `[row][column][channel]` bytes. Throws if the image has another size than the input. */
  infer(image: Uint8Array): Int32Array;
  /** Copies of all that was computed on the way to the logits. */
  inferTensors(image: Uint8Array): Tensors;
}

/** Validates and allocates once, for any number of images. Throws a `ModelError` if the model is not valid. */
export function createInterpreter(model: Model): Interpreter {
  validateModel(model);
  const { architecture, parameters } = model;
  const shapes = inferShapes(architecture);
  const tensors = shapes.map((shape) => ({ shape, values: new Uint8Array(shapeSize(shape)) }));
  const accumulators = shapes.map((shape) => new Int32Array(shapeSize(shape)));
  const logits = accumulators[accumulators.length - 1];
  const image = tensors[0].values;
  const steps = architecture.layers.map((layer, index) => {
    const inputs = layer.inputs.map((tensor) => tensors[tensor]);
    return () => runLayer(layer, parameters[index], inputs, accumulators[index + 1], tensors[index + 1].values);
  });

  const run = (pixels: Uint8Array): void => {
    if (pixels.length !== image.length) {
      throw new ModelError(
        `${model.name}: an image has ${formatSize(shapes[0])} = ${image.length} bytes, not ${pixels.length}`,
      );
    }
    image.set(preprocess(architecture, pixels));
    for (const step of steps) step();
  };
  return {
    shapes,
    infer(pixels) {
      run(pixels);
      return logits.slice();
    },
    inferTensors(pixels) {
      run(pixels);
      return [...tensors.slice(0, -1).map(({ values }) => values.slice()), logits.slice()];
    },
  };
}

/** The logits of one image. For many images, `createInterpreter` once. */
export function infer(model: Model, image: Uint8Array): Int32Array {
  return createInterpreter(model).infer(image);
}

/** Every tensor that is computed for one image, by tensor number. */
export function inferTensors(model: Model, image: Uint8Array): Tensors {
  return createInterpreter(model).inferTensors(image);
}
