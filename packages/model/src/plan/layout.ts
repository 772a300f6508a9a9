import type { Shape } from '../architecture.ts';

/**
 * Where the pixels of a tensor lie: pixel (row, column, channel) is at
 * `gap + (row mod rows)·rowBytes + column·columnStride + channel·channelStride`.
 *
 * Tensors between layers are planar, so that kernels walk neighbouring pixels with a post-increment; the input keeps
 * the order in which it comes. Between planes lie `gap` zero bytes which both neighbours read as their padding.
 */
export interface RingLayout {
  /** Rows that exist at a time. */
  readonly rows: number;
  readonly columns: number;
  readonly channels: number;
  readonly columnStride: number;
  readonly channelStride: number;
  readonly rowBytes: number;
  readonly gap: number;
  /** The whole ring, the gap before the first row included. */
  readonly bytes: number;
}

/** `paddingColumns`: the most that a reader pads on one side. */
export function ringLayout(
  shape: Shape,
  rows: number,
  columns: number,
  paddingColumns: number,
  isInput: boolean,
): RingLayout {
  const { channels } = shape;
  const interleaved = isInput && channels > 1;
  const gap = interleaved ? paddingColumns * channels : paddingColumns;
  const rowBytes = interleaved ? columns * channels + gap : channels * (columns + gap);
  return {
    rows,
    columns,
    channels,
    columnStride: interleaved ? channels : 1,
    channelStride: interleaved ? 1 : columns + gap,
    rowBytes,
    gap,
    bytes: rows * rowBytes + gap,
  };
}
