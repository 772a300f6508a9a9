import { conv2d, dense, depthwiseConv2d, logits, sequential, type Architecture, type Block } from '@sparrow/model';
import { inheritWeights } from './inheritance.ts';
import { initialWeights } from './initialization.ts';

const network = (...body: Block[]): Architecture =>
  sequential({ height: 6, width: 7, channels: 2 }, [...body, logits(3)]);
const parent = network(conv2d(4), depthwiseConv2d(), conv2d(5), dense(6));

function inherit(child: Architecture) {
  const weights = initialWeights(parent, 1);
  for (const layer of weights.values()) layer.gamma.fill(7);
  return {
    weights,
    initial: initialWeights(child, 2),
    inherited: inheritWeights(child, initialWeights(child, 2), { architecture: parent, weights }),
  };
}

test('the same network takes over everything', () => {
  const { weights, inherited } = inherit(parent);
  for (const [name, { kernel, gamma }] of weights) {
    expect(inherited.get(name)?.kernel).toEqual(kernel);
    expect(inherited.get(name)?.gamma).toEqual(gamma);
  }
});

test('what is new keeps its initial weights: filters, channels, units', () => {
  const { weights, initial, inherited } = inherit(network(conv2d(6), depthwiseConv2d(), conv2d(3), dense(6)));
  const kernelOf = (of: typeof weights, name: string) => of.get(name)?.kernel ?? new Float32Array();
  const filter = 9 * 2;
  expect(kernelOf(inherited, 'conv1').subarray(0, 4 * filter)).toEqual(kernelOf(weights, 'conv1'));
  expect(kernelOf(inherited, 'conv1').subarray(4 * filter)).toEqual(kernelOf(initial, 'conv1').subarray(4 * filter));
  // conv2: 3 of 5 filters, 6 channels where there were 4.
  expect(kernelOf(inherited, 'conv2').subarray(0, 4)).toEqual(kernelOf(weights, 'conv2').subarray(0, 4));
  expect(kernelOf(inherited, 'conv2').subarray(4, 6)).toEqual(kernelOf(initial, 'conv2').subarray(4, 6));
  expect(kernelOf(inherited, 'conv2').subarray(6, 10)).toEqual(kernelOf(weights, 'conv2').subarray(4, 8));
  expect(inherited.get('conv1')?.gamma).toEqual(Float32Array.of(7, 7, 7, 7, 1, 1));
});

test('a small window is the middle of a larger one; layers of another kind start anew', () => {
  const { weights, inherited } = inherit(network(conv2d(4, { kernel: 5 }), conv2d(4)));
  const kernel = inherited.get('conv1')?.kernel ?? new Float32Array();
  const original = weights.get('conv1')?.kernel ?? new Float32Array();
  for (let row = 0; row < 3; row++) {
    const start = ((row + 1) * 5 + 1) * 2;
    expect(kernel.subarray(start, start + 6)).toEqual(original.subarray(row * 6, row * 6 + 6));
  }
  expect(inherited.has('depthwise1')).toBe(false);
});
