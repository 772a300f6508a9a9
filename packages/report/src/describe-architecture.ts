import {
  formatSize,
  inferShapes,
  isWeighted,
  tieOf,
  type Architecture,
  type LayerSpec,
  type Size,
} from '@sparrow/model';

/** What a layer is, in a few words, and the shape of what it puts out. */
export interface LayerDescription {
  readonly operation: string;
  readonly output: string;
}

/** One for each layer, in order of execution. */
export function describeArchitecture(architecture: Architecture): LayerDescription[] {
  const shapes = inferShapes(architecture);
  return architecture.layers.map((layer, index) => ({
    operation: [operationOf(layer) + sourceOf(layer, architecture), ...weightsOf(layer)].join(', '),
    output: formatSize(shapes[index + 1]),
  }));
}

function sourceOf({ inputs }: LayerSpec, { preprocessing }: Architecture): string {
  return inputs.includes(0) && preprocessing === 'momentNormalization' ? ' of normalised images' : '';
}

function weightsOf(layer: LayerSpec): string[] {
  if (!isWeighted(layer)) return [];
  const tie = tieOf(layer);
  return [`int${layer.weightBits}`, ...(tie === undefined ? [] : [`weights of ${tie}`])];
}

function operationOf(layer: LayerSpec): string {
  switch (layer.kind) {
    case 'conv2d':
      return `conv ${window(layer.kernel, layer.stride)}`;
    case 'depthwiseConv2d':
      return `depthwise ${window(layer.kernel, layer.stride)}`;
    case 'maxPool':
      return `max pool ${window(layer.window)}`;
    case 'averagePool':
      return `average pool ${window(layer.window)}`;
    case 'globalAveragePool':
      return 'global average';
    case 'dense':
      return `dense ${layer.units}`;
    case 'add':
      return 'add';
  }
}

function window({ height, width }: Size, stride = 1): string {
  return `${height}×${width}${stride === 1 ? '' : ` stride ${stride}`}`;
}
