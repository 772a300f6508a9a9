import type { Shape } from '@sparrow/model';
import type { Arena, Field } from './arena.ts';

/** Images side by side in a vector, `LANE_COUNT` of kernels/lanes.h. */
export const LANES = 8;

/** Rows and columns of zeros around a plane. */
export interface Halo {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

export const NO_HALO: Halo = { top: 0, bottom: 0, left: 0, right: 0 };

export function mergeHalos(halos: readonly Halo[]): Halo {
  const most = (side: keyof Halo) => Math.max(0, ...halos.map((halo) => halo[side]));
  return { top: most('top'), bottom: most('bottom'), left: most('left'), right: most('right') };
}

/** `x[group][channel][row][column][lane]` in wasm memory; strides in floats. The `Tensor` of kernels/network.h. */
export interface BatchTensor {
  /** Of the record. */
  readonly address: number;
  readonly origin: number;
  readonly shape: Shape;
  readonly rowStride: number;
  readonly planeStride: number;
  readonly groupStride: number;
  /** Address of the record's scale. */
  readonly scale: number;
}

/** Floats of a cache line. */
const LINE = 16;

export function allocateTensor(arena: Arena, shape: Shape, halo: Halo, groups: number): BatchTensor {
  const rowStride = (shape.width + halo.left + halo.right) * LANES;
  const lines = Math.ceil(((shape.height + halo.top + halo.bottom) * rowStride) / LINE);
  // An odd number of cache lines: planes at powers of two would compete for the same sets of the cache.
  const planeStride = (lines | 1) * LINE;
  const groupStride = shape.channels * planeStride;
  const origin = arena.allocateWords(groups * groupStride) + 4 * (halo.top * rowStride + halo.left * LANES);
  const { channels, height, width } = shape;
  const fields: Field[] = [origin, channels, height, width, rowStride, planeStride, groupStride, { float: 1 }];
  const address = arena.records([fields]);
  return { address, origin, shape, rowStride, planeStride, groupStride, scale: address + 4 * (fields.length - 1) };
}

/** Offsets from the origin of a tensor's elements in (row, column, channel) order. */
export function flatOffsets({ shape, planeStride, rowStride }: BatchTensor): number[] {
  const offsets: number[] = [];
  for (let row = 0; row < shape.height; row++) {
    for (let column = 0; column < shape.width; column++) {
      for (let k = 0; k < shape.channels; k++) offsets.push(k * planeStride + row * rowStride + column * LANES);
    }
  }
  return offsets;
}

/** The values of the first `images` images in no particular order. */
export function gatherValues(arena: Arena, tensor: BatchTensor, images: number): Float32Array {
  const { height, width, channels } = tensor.shape;
  const gathered = new Float32Array(images * height * width * channels);
  let length = 0;
  for (let group = 0; group * LANES < images; group++) {
    const lanes = Math.min(LANES, images - group * LANES);
    for (let channel = 0; channel < channels; channel++) {
      for (let row = 0; row < height; row++) {
        const offset = group * tensor.groupStride + channel * tensor.planeStride + row * tensor.rowStride;
        const values = arena.viewFloats(tensor.origin + 4 * offset, width * LANES);
        const wanted = lanes === LANES ? values : values.filter((_, index) => index % LANES < lanes);
        gathered.set(wanted, length);
        length += wanted.length;
      }
    }
  }
  return gathered;
}
