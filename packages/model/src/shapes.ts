import type { Add, Architecture, Conv2d, Dense, DepthwiseConv2d, LayerSpec, Shape, Size } from './architecture.ts';
import { WEIGHT_BITS } from './architecture.ts';
import { layerError, ModelError } from './errors.ts';
import { checkPreprocessing } from './preprocessing/index.ts';
import { checkSymmetries } from './symmetry.ts';
import { checkTies } from './ties.ts';
import { windowGeometry, type WindowedLayer } from './geometry.ts';

/** Largest kernel height and width of the convolutions. */
export const MAX_KERNEL = 7;

/** `28×28×1`, `3×3`. */
export function formatSize(size: Size | Shape): string {
  const area = `${size.height}×${size.width}`;
  return 'channels' in size ? `${area}×${size.channels}` : area;
}

export function shapeSize(shape: Shape): number {
  return shape.height * shape.width * shape.channels;
}

/**
 * The shape of every tensor, by tensor number (0 is the input). This is also the check that an architecture is valid.
 * Throws a `ModelError` that names the layer and what does not fit.
 */
export function inferShapes(architecture: Architecture): Shape[] {
  checkGraph(architecture);
  checkPreprocessing(architecture);
  const shapes = [architecture.input];
  architecture.layers.forEach((layer, index) => {
    shapes.push(inferLayerShape(layer, index, shapes));
  });
  checkSymmetries(architecture.layers, shapes);
  checkTies(architecture.layers, shapes);
  return shapes;
}

/** The output shape of layer `index`, from the shapes of the tensors before it. Throws a `ModelError` if it does not fit. */
export function inferLayerShape(layer: LayerSpec, index: number, shapes: readonly Shape[]): Shape {
  const fail = (complaint: string) => layerError(layer, index, complaint);
  return outputShape(
    layer,
    layer.inputs.map((tensor) => shapes[tensor]),
    fail,
  );
}

type Fail = (complaint: string) => ModelError;

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 1;
}

/** What can be said without shapes: names, edges, the last layer. */
function checkGraph({ input, layers }: Architecture): void {
  if (![input.height, input.width, input.channels].every(isCount)) {
    throw new ModelError(`input ${formatSize(input)}: height, width and channels must be positive integers`);
  }
  if (layers.length === 0)
    throw new ModelError("the network has no layers; it needs at least a dense with activation 'none'");
  const names = new Set<string>();
  layers.forEach((layer, index) => {
    const fail = (complaint: string) => layerError(layer, index, complaint);
    if (!/^[A-Za-z]\w{0,62}$/.test(layer.name)) {
      throw fail(
        'a name is a letter and at most 62 more letters, digits and underscores (it names things in generated C)',
      );
    }
    if (names.has(layer.name)) throw fail('another layer has this name already');
    names.add(layer.name);
    checkInputs(layer, index, fail);
    checkActivation(layer, index === layers.length - 1, fail);
  });
  checkAllRead(layers);
}

function checkInputs(layer: LayerSpec, index: number, fail: Fail): void {
  const wanted = layer.kind === 'add' ? 2 : 1;
  if (layer.inputs.length !== wanted) throw fail(`${layer.kind} reads ${wanted} tensor(s), not ${layer.inputs.length}`);
  for (const tensor of layer.inputs) {
    if (!Number.isInteger(tensor) || tensor < 0 || tensor > index) {
      throw fail(`reads tensor ${tensor}, but only tensors 0 to ${index} come before it`);
    }
  }
  if (wanted === 2 && layer.inputs[0] === layer.inputs[1]) {
    throw fail(`adds tensor ${layer.inputs[0]} to itself; add needs two different tensors`);
  }
}

function checkActivation(layer: LayerSpec, last: boolean, fail: Fail): void {
  const givesLogits = layer.kind === 'dense' && layer.activation === 'none';
  if (last && !givesLogits)
    throw fail("the last layer must be a dense with activation 'none', whose accumulators are the logits");
  if (!last && givesLogits) throw fail("only the last layer may have activation 'none'; use 'relu'");
}

/** A tensor that nobody reads would be computed for nothing, and has no place in the order of rows. */
function checkAllRead(layers: readonly LayerSpec[]): void {
  const read = new Set(layers.flatMap((layer) => layer.inputs));
  layers.slice(0, -1).forEach((layer, index) => {
    if (!read.has(index + 1)) throw layerError(layer, index, 'no layer reads its output; remove it');
  });
}

function outputShape(layer: LayerSpec, inputs: readonly Shape[], fail: Fail): Shape {
  const [input] = inputs;
  switch (layer.kind) {
    case 'conv2d':
      checkConvolution(layer, fail);
      if (!isCount(layer.filters)) throw fail(`filters must be a positive integer, not ${layer.filters}`);
      return { ...windowOutput(layer, input, fail), channels: layer.filters };
    case 'depthwiseConv2d':
      checkConvolution(layer, fail);
      return { ...windowOutput(layer, input, fail), channels: input.channels };
    case 'maxPool':
    case 'averagePool':
      if (![layer.window, layer.stride].every((size) => isCount(size.height) && isCount(size.width))) {
        throw fail(
          `window ${formatSize(layer.window)} and stride ${formatSize(layer.stride)} must be positive integers`,
        );
      }
      return { ...windowOutput(layer, input, fail), channels: input.channels };
    case 'globalAveragePool':
      return { height: 1, width: 1, channels: input.channels };
    case 'dense':
      checkWeightBits(layer, fail);
      if (!isCount(layer.units)) throw fail(`units must be a positive integer, not ${layer.units}`);
      return { height: 1, width: 1, channels: layer.units };
    case 'add':
      return sumShape(layer, inputs, fail);
  }
}

function checkConvolution(layer: Conv2d | DepthwiseConv2d, fail: Fail): void {
  checkWeightBits(layer, fail);
  const { height, width } = layer.kernel;
  if (![height, width].every((size) => isCount(size) && size <= MAX_KERNEL)) {
    throw fail(`kernel ${formatSize(layer.kernel)}: height and width must be 1 to ${MAX_KERNEL}`);
  }
  if (layer.stride !== 1 && layer.stride !== 2) throw fail(`stride must be 1 or 2, not ${String(layer.stride)}`);
  if (layer.padding !== 'same' && layer.padding !== 'valid') {
    throw fail(`padding must be 'same' or 'valid', not ${String(layer.padding)}`);
  }
}

function checkWeightBits(layer: Conv2d | DepthwiseConv2d | Dense, fail: Fail): void {
  if (WEIGHT_BITS.includes(layer.weightBits)) return;
  throw fail(`weightBits must be one of ${WEIGHT_BITS.join(', ')}, not ${String(layer.weightBits)}`);
}

function windowOutput(layer: WindowedLayer, input: Shape, fail: Fail): Size {
  const { window, output } = windowGeometry(layer, input);
  if (output.height < 1 || output.width < 1) {
    const what = 'kernel' in layer ? 'kernel' : 'window';
    const remedy = 'kernel' in layer ? "use padding 'same' or a smaller kernel" : 'use a smaller window';
    throw fail(`${what} ${formatSize(window)} does not fit into its input ${formatSize(input)}; ${remedy}`);
  }
  return output;
}

function sumShape(layer: Add, [a, b]: readonly Shape[], fail: Fail): Shape {
  if (formatSize(a) !== formatSize(b)) {
    const [first, second] = layer.inputs;
    throw fail(
      `adds tensor ${first}, ${formatSize(a)}, to tensor ${second}, ${formatSize(b)}; their shapes must be equal`,
    );
  }
  return a;
}
