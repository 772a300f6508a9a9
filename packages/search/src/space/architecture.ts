import { type Architecture, canBeNormalised, type LayerSpec, type Shape } from '@sparrow/model';
import { kernelSize, type Block, type Configuration } from './configuration.ts';
import { withFineMultipliers } from './fine-multipliers.ts';
import { withFewBytes } from './frugal.ts';

/** Collects layers in order; every method returns the number of the tensor it makes. */
class GraphBuilder {
  readonly layers: LayerSpec[] = [];

  add(layer: LayerSpec): number {
    this.layers.push(layer);
    return this.layers.length;
  }

  block(block: Block, index: number, input: number): number {
    const name = `block${index}`;
    const convolved =
      block.kind === 'separable' ? this.separable(block, name, input) : this.convolution(block, name, input);
    return block.pool === 'none' ? convolved : this.pool(block.pool, `${name}_pool`, convolved, 2);
  }

  pool(kind: 'max' | 'average', name: string, input: number, size: number): number {
    const window = { height: size, width: size };
    return this.add({
      kind: kind === 'max' ? 'maxPool' : 'averagePool',
      name,
      inputs: [input],
      window,
      stride: window,
    });
  }

  private convolution(block: Block, name: string, input: number): number {
    const { filters, weightBits } = block;
    const pointwise = block.kind === 'pointwise';
    return this.add({
      kind: 'conv2d',
      name,
      inputs: [input],
      filters,
      kernel: pointwise ? { height: 1, width: 1 } : kernelSize(block.kernel),
      stride: pointwise ? 1 : block.stride,
      padding: pointwise ? 'valid' : block.padding,
      weightBits,
      ...accumulatorsOf(block),
    });
  }

  private separable(block: Block, name: string, input: number): number {
    const { stride, padding, weightBits } = block;
    const kernel = kernelSize(block.kernel);
    const depthwise = this.add({
      kind: 'depthwiseConv2d',
      name: `${name}_depthwise`,
      inputs: [input],
      kernel,
      stride,
      padding,
      weightBits,
      ...accumulatorsOf(block),
    });
    return this.convolution({ ...block, kind: 'pointwise' }, `${name}_pointwise`, depthwise);
  }
}

function accumulatorsOf({ accumulatorBits }: Block): { readonly accumulatorBits?: 16 } {
  return accumulatorBits === 16 ? { accumulatorBits } : {};
}

/** Whether a residual addition fits: output and input of the block have one shape before pooling. */
function keepsShape(block: Block, inputChannels: number): boolean {
  const kernelIsPadded = block.kind === 'pointwise' || (block.padding === 'same' && block.stride === 1);
  return kernelIsPadded && block.filters === inputChannels;
}

/**
 * The network that a configuration describes, for images of `input` and `classes` classes. It may still be impossible
 * (an image too small for a kernel): `inferShapes` tells.
 */
export function architectureOf(configuration: Configuration, input: Shape, classes: number): Architecture {
  const graph = new GraphBuilder();
  let tensor = 0;
  let channels = input.channels;
  if (configuration.inputPool > 1) tensor = graph.pool('average', 'input_pool', 0, configuration.inputPool);
  configuration.blocks.forEach((block, position) => {
    const residual = block.residual && tensor > 0 && keepsShape(block, channels);
    const index = position + 1;
    if (residual) {
      const branch = graph.block({ ...block, pool: 'none' }, index, tensor);
      const sum = graph.add({ kind: 'add', name: `block${index}_add`, inputs: [tensor, branch] });
      tensor = block.pool === 'none' ? sum : graph.pool(block.pool, `block${index}_pool`, sum, 2);
    } else {
      tensor = graph.block(block, index, tensor);
    }
    channels = block.filters;
  });
  if (configuration.head === 'globalAverage') {
    tensor = graph.add({ kind: 'globalAveragePool', name: 'global_average', inputs: [tensor] });
  }
  graph.add({
    kind: 'dense',
    name: 'logits',
    inputs: [tensor],
    units: classes,
    activation: 'none',
    weightBits: configuration.headWeightBits,
  });
  const { frugal, symmetry, normalised } = configuration;
  const architecture: Architecture = {
    input,
    ...(normalised && canBeNormalised(input) ? { preprocessing: 'momentNormalization' } : {}),
    layers: graph.layers,
  };
  return withFineMultipliers(
    frugal ? withFewBytes(architecture, symmetry === 'none' ? undefined : symmetry) : architecture,
  );
}
