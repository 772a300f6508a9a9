import fc from 'fast-check';
import type { Architecture, LayerSpec } from './architecture.ts';
import {
  averagePool,
  conv2d,
  dense,
  depthwiseConv2d,
  globalAveragePool,
  logits,
  maxPool,
  pointwise,
  referenceArchitecture,
  residual,
  sequential,
} from './builder.ts';
import { countMacs, weightCount } from './counts.ts';
import { samePadding, windowGeometry } from './geometry.ts';
import { formatSize, inferShapes } from './shapes.ts';

const INPUT = { height: 10, width: 7, channels: 3 };

function shapesOf(architecture: Architecture): string[] {
  return inferShapes(architecture).map(formatSize);
}

describe('inferShapes', () => {
  test('follows every operator', () => {
    const architecture = sequential(INPUT, [
      conv2d(5, { kernel: { height: 3, width: 2 }, padding: 'valid' }),
      depthwiseConv2d({ kernel: 3, stride: 2 }),
      residual([pointwise(4), conv2d(5)]),
      averagePool({ height: 2, width: 1 }, 1),
      maxPool({ height: 1, width: 2 }),
      dense(6),
      logits(2),
    ]);
    expect(shapesOf(architecture)).toEqual([
      '10×7×3', '8×6×5', '4×3×5', '4×3×4', '4×3×5', '4×3×5', '3×3×5', '3×1×5', '1×1×6', '1×1×2',
    ]); // prettier-ignore
    expect(architecture.layers.map((layer) => layer.name)).toEqual([
      'conv1', 'depthwise1', 'conv2', 'conv3', 'add1', 'pool1', 'pool2', 'dense1', 'dense2',
    ]); // prettier-ignore
  });

  test('the reference network takes 451,584 MACs in its convolutions and 240 in the dense layer', () => {
    const macs = countMacs(referenceArchitecture());
    expect(macs.byLayer).toEqual([56_448, 0, 225_792, 0, 169_344, 0, 240]);
    expect(macs.total).toBe(451_584 + 240);
  });

  test('counts weights', () => {
    const { layers } = sequential(INPUT, [
      conv2d(5, { kernel: { height: 3, width: 2 } }),
      depthwiseConv2d({ kernel: 5 }),
      maxPool(2),
      logits(4),
    ]);
    expect(layers.map((layer) => weightCount(layer, INPUT))).toEqual([5 * 6 * 3, 25 * 3, 0, 4 * 210]);
  });
});

describe('same padding', () => {
  const positive = (max: number) => fc.integer({ min: 1, max });

  test('every output has a window that touches the image, and padding is split with the rest at the end', () => {
    fc.assert(
      fc.property(positive(40), positive(7), positive(2), (input, kernel, stride) => {
        const { before, output } = samePadding(input, kernel, stride);
        const lastStart = (output - 1) * stride - before;
        const after = Math.max(0, lastStart + kernel - input);
        expect(output).toBe(Math.ceil(input / stride));
        expect(before).toBeLessThan(kernel);
        expect(lastStart).toBeLessThan(input);
        if (before + after > 0) expect([0, 1]).toContain(after - before);
      }),
    );
  });

  test('with stride 2 on an even size pads only at the end', () => {
    const layer = sequential(INPUT, [conv2d(1, { kernel: 3, stride: 2 })]).layers[0];
    if (layer.kind !== 'conv2d') throw new Error('expected a convolution');
    expect(windowGeometry(layer, { height: 10, width: 7 })).toMatchObject({
      padTop: 0,
      padLeft: 1,
      output: { height: 5, width: 4 },
    });
  });
});

describe('what does not fit is named', () => {
  const head = logits(2);
  const renumber = (layers: readonly LayerSpec[], index: number, inputs: number[]): Architecture => ({
    input: INPUT,
    layers: layers.map((layer, position) => (position === index ? { ...layer, inputs } : layer)),
  });
  const chain = sequential(INPUT, [conv2d(3), conv2d(3), residual([conv2d(3)]), head]).layers;
  const cases: [string, Architecture, string][] = [
    ['valid kernel', sequential(INPUT, [conv2d(4), maxPool(2), conv2d(4, { kernel: 5, padding: 'valid' }), head]),
      "conv2 (layer 3): kernel 5×5 does not fit into its input 5×3×4; use padding 'same' or a smaller kernel"],
    ['pool window', sequential(INPUT, [averagePool(8), head]),
      'pool1 (layer 1): window 8×8 does not fit into its input 10×7×3; use a smaller window'],
    ['kernel range', sequential(INPUT, [conv2d(4, { kernel: { height: 3, width: 8 } }), head]),
      'conv1 (layer 1): kernel 3×8: height and width must be 1 to 7'],
    ['fractional kernel', sequential(INPUT, [depthwiseConv2d({ kernel: 1.5 }), head]),
      'depthwise1 (layer 1): kernel 1.5×1.5: height and width must be 1 to 7'],
    ['conv stride', sequential(INPUT, [conv2d(4, { stride: 3 as 2 }), head]), 'conv1 (layer 1): stride must be 1 or 2, not 3'],
    ['padding', sequential(INPUT, [conv2d(4, { padding: 'full' as 'same' }), head]),
      "conv1 (layer 1): padding must be 'same' or 'valid', not full"],
    ['pool stride', sequential(INPUT, [maxPool(2, 0), head]),
      'pool1 (layer 1): window 2×2 and stride 0×0 must be positive integers'],
    ['filters', sequential(INPUT, [conv2d(0), head]), 'conv1 (layer 1): filters must be a positive integer, not 0'],
    ['units', sequential(INPUT, [logits(0)]), 'dense1 (layer 1): units must be a positive integer, not 0'],
    ['weight bits', sequential(INPUT, [logits(2, { weightBits: 3 as 4 })]), 'dense1 (layer 1): weightBits must be one of 8, 4, 2, not 3'],
    ['input', sequential({ ...INPUT, height: 0 }, [head]),
      'input 0×7×3: height, width and channels must be positive integers'],
    ['no layers', sequential(INPUT, []), "the network has no layers; it needs at least a dense with activation 'none'"],
    ['last layer', sequential(INPUT, [conv2d(2)]),
      "conv1 (layer 1): the last layer must be a dense with activation 'none', whose accumulators are the logits"],
    ['last dense has relu', sequential(INPUT, [dense(2)]),
      "dense1 (layer 1): the last layer must be a dense with activation 'none', whose accumulators are the logits"],
    ['logits in the middle', sequential(INPUT, [head, logits(3)]),
      "dense1 (layer 1): only the last layer may have activation 'none'; use 'relu'"],
    ['residual shapes', sequential(INPUT, [residual([conv2d(4)]), head]),
      'add1 (layer 2): adds tensor 0, 10×7×3, to tensor 1, 10×7×4; their shapes must be equal'],
    ['residual of nothing', sequential(INPUT, [residual([]), head]),
      'add1 (layer 1): adds tensor 0 to itself; add needs two different tensors'],
    ['name twice', sequential(INPUT, [conv2d(2, { name: 'a' }), conv2d(2, { name: 'a' }), head]),
      'a (layer 2): another layer has this name already'],
    ['name not C', sequential(INPUT, [conv2d(2, { name: '1st' }), head]),
      '1st (layer 1): a name is a letter and at most 62 more letters, digits and underscores (it names things in generated C)'],
    ['a later tensor', renumber(chain, 1, [2]), 'conv2 (layer 2): reads tensor 2, but only tensors 0 to 1 come before it'],
    ['a negative tensor', renumber(chain, 0, [-1]), 'conv1 (layer 1): reads tensor -1, but only tensors 0 to 0 come before it'],
    ['too many inputs', renumber(chain, 1, [0, 1]), 'conv2 (layer 2): conv2d reads 1 tensor(s), not 2'],
    ['too few inputs', renumber(chain, 3, [2]), 'add1 (layer 4): add reads 2 tensor(s), not 1'],
    ['a dead layer', renumber(chain, 1, [0]), 'conv1 (layer 1): no layer reads its output; remove it'],
  ]; // prettier-ignore

  test.each(cases)('%s', (_, architecture, message) => {
    expect(() => inferShapes(architecture)).toThrow(new Error(message));
  });

  test('a same-padded kernel may be larger than its input', () => {
    const small = { height: 1, width: 2, channels: 1 };
    expect(shapesOf(sequential(small, [conv2d(2, { kernel: 7 }), globalAveragePool(), head]))).toEqual([
      '1×2×1', '1×2×2', '1×1×2', '1×1×2',
    ]); // prettier-ignore
  });
});
