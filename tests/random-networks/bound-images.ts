import { inferShapes, isWeighted, shapeSize, windowGeometry, type Model, type WeightedLayer } from '@sparrow/model';
import { integer, type Random } from '@sparrow/model/testing';

/**
 * Images that drive one sum of the first layer with weights to its highest, and one to its lowest value: pixels under positive
 * weights are 255 and all others 0, or the other way round. None if that layer does not read the image.
 */
export function boundImages({ architecture, parameters }: Model, random: Random): Uint8Array[] {
  const index = architecture.layers.findIndex((layer) => isWeighted(layer) && layer.inputs[0] === 0);
  const layer = architecture.layers[index];
  const own = parameters[index];
  if (layer === undefined || !isWeighted(layer) || own.kind !== 'weighted') return [];
  const { input } = architecture;
  const output = inferShapes(architecture)[index + 1];
  const at = {
    row: integer(random, 0, output.height - 1),
    column: integer(random, 0, output.width - 1),
    channel: integer(random, 0, output.channels - 1),
  };
  const weightAt = weightsUnder(layer, own.weights, input, at);
  return [1, -1].map((sign) => {
    return new Uint8Array(shapeSize(input)).map((_, pixel) => {
      const place = Math.floor(pixel / input.channels);
      const weight = weightAt(Math.floor(place / input.width), place % input.width, pixel % input.channels);
      return sign * weight > 0 ? 255 : 0;
    });
  });
}

interface Place {
  readonly row: number;
  readonly column: number;
  readonly channel: number;
}

/** The weight with which a pixel goes into the sum at `at`; 0 outside of its window. */
function weightsUnder(
  layer: WeightedLayer,
  weights: Int8Array,
  input: Model['architecture']['input'],
  at: Place,
): (row: number, column: number, channel: number) => number {
  const { height, width, channels } = input;
  if (layer.kind === 'dense') {
    return (row, column, channel) => weights[((at.channel * height + row) * width + column) * channels + channel];
  }
  const { window, stride, padTop, padLeft } = windowGeometry(layer, input);
  return (row, column, channel) => {
    const i = row - at.row * stride.height + padTop;
    const j = column - at.column * stride.width + padLeft;
    if (i < 0 || j < 0 || i >= window.height || j >= window.width) return 0;
    if (layer.kind === 'conv2d')
      return weights[((at.channel * window.height + i) * window.width + j) * channels + channel];
    return channel === at.channel ? weights[(i * window.width + j) * channels + channel] : 0;
  };
}
