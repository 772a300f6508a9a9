import type { Assembly } from '../../assembly/assembly.ts';
import type { Register } from '../../assembly/registers.ts';
import { multiplyAccumulate } from '../multiply-accumulate.ts';
import type { DenseLayout } from './shape.ts';
import { emitTaps, type TapGeometry } from './taps.ts';
import type { Tile } from './tile.ts';

/** All products of one row of taps of one channel, whose weights are in registers, filter by filter. */
export function multiplyTaps(
  assembly: Assembly,
  { registers: { pixel, sums, extension }, encoding, filters }: Tile & DenseLayout,
  geometry: TapGeometry,
  weights: readonly Register[],
): void {
  const signed = encoding.offset === 0;
  emitTaps(assembly, geometry, pixel, (_, uses) => {
    for (const { output, tap } of uses) {
      for (let filter = 0; filter < filters; filter++) {
        const weight = weights[filter * geometry.kernelWidth + tap];
        multiplyAccumulate(assembly, sums[filter][output], weight, pixel, extension, signed);
      }
    }
  });
}
