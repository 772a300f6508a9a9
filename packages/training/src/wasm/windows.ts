import type { Conv2d, DepthwiseConv2d, Size } from '@sparrow/model';
import { windowGeometry } from '@sparrow/model';
import type { Halo } from './tensors.ts';

/** A convolution's window along one dimension: output o reads inputs `o·stride + i − before` for i < kernel. */
export interface Axis {
  readonly input: number;
  readonly output: number;
  readonly kernel: number;
  readonly stride: number;
  readonly before: number;
}

export interface Axes {
  readonly rows: Axis;
  readonly columns: Axis;
}

export function convolutionAxes(layer: Conv2d | DepthwiseConv2d, input: Size): Axes {
  const { window, stride, padTop, padLeft, output } = windowGeometry(layer, input);
  const rows: Axis = {
    input: input.height,
    output: output.height,
    kernel: window.height,
    stride: stride.height,
    before: padTop,
  };
  const columns: Axis = {
    input: input.width,
    output: output.width,
    kernel: window.width,
    stride: stride.width,
    before: padLeft,
  };
  return { rows, columns };
}

/** Zeros that the forward pass reads around its input. */
export function forwardHalo({ rows, columns }: Axes): Halo {
  const after = ({ input, output, kernel, stride, before }: Axis) =>
    Math.max(0, (output - 1) * stride + kernel - before - input);
  return { top: rows.before, bottom: after(rows), left: columns.before, right: after(columns) };
}

/**
 * Input positions `first + q·stride`, q < count: the same taps reach all of them. Tap `index` brings the gradient of output `q + shift`.
 */
export interface Phase {
  readonly first: number;
  readonly count: number;
  readonly taps: readonly { readonly index: number; readonly shift: number }[];
}

/** The convolution read backwards: one phase for each remainder by the stride. */
export function phases({ input, kernel, stride, before }: Axis): Phase[] {
  return Array.from({ length: Math.min(stride, input) }, (_, first) => {
    const taps = [];
    for (let index = 0; index < kernel; index++) {
      const shift = (first + before - index) / stride;
      if (Number.isInteger(shift)) taps.push({ index, shift });
    }
    return { first, count: Math.ceil((input - first) / stride), taps };
  });
}

/** Zeros that the backward pass reads around the gradient by the output. */
export function backwardHalo({ rows, columns }: Axes): Halo {
  const [top, bottom] = backwardReach(rows);
  const [left, right] = backwardReach(columns);
  return { top, bottom, left, right };
}

function backwardReach(axis: Axis): [number, number] {
  let before = 0;
  let after = 0;
  for (const { count, taps } of phases(axis)) {
    for (const { shift } of taps) {
      before = Math.max(before, -shift);
      after = Math.max(after, count - 1 + shift - (axis.output - 1));
    }
  }
  return [before, after];
}
