import type { Assembly, Counter } from '../../assembly/assembly.ts';
import { copy, multiplyAdd, storePair } from '../../assembly/idioms.ts';
import { r, type Register, X } from '../../assembly/registers.ts';
import type { OperandValue, StepFrame } from '../../context.ts';
import { CORRECTION_BYTES } from './correction.ts';
import type { OutputVariables } from './outputs.ts';
import { type ConvolutionShape, isDense, runBytes, type SparseRuns } from './shape.ts';
import type { Tile } from './tile.ts';

/** Names of what a convolution's step has in RAM; those that it does not need are undefined. */
export interface Variables extends OutputVariables {
  /** Of a sparse layer. */
  readonly runs?: SparseRuns;
  /** Rows of taps above and below the image, which a sparse layer passes by one by one. */
  readonly rowsAbove?: string;
  readonly rowsBelow?: string;
  /** Where a sparse layer's filter begins. */
  readonly filterStart?: string;
  /** Rows of taps inside of the image, or a bit for each in an unrolled kernel. */
  readonly inside?: string;
  /** Bytes of weights for rows of taps above and below the image. */
  readonly above?: string;
  readonly below?: string;
  readonly filtersLeft: Counter;
  /** Table of corrections of unsigned weights, and the tile's place in it. */
  readonly corrections?: string;
  readonly correction?: string;
}

/** Whether a row is stored before pooling. */
export const poolsInRam = ({ pool }: ConvolutionShape, { poolsInRegisters }: Tile): boolean =>
  !!pool && !poolsInRegisters;

/** What is added to weights in flash. */
export const offsetOf = ({ encoding }: Tile): number => (encoding.kind === 'dense' ? encoding.offset : 0);

export function placeVariables({ scratch }: StepFrame, shape: ConvolutionShape, tile: Tile): Variables {
  const { clips, pool, columns } = shape;
  const inRam = poolsInRam(shape, tile);
  const corrected = offsetOf(tile) > 0;
  const skips = clips && !tile.unrolled;
  const sparse = tile.encoding.kind === 'sparse';
  const take = (wanted: boolean, bytes: number): string => (wanted ? scratch.take(bytes) : '');
  return {
    filtersLeft: { address: take(shape.filters > tile.filters, 1) },
    inside: clips ? scratch.take(1) : undefined,
    above: skips && !sparse ? scratch.take(2) : undefined,
    below: skips && !sparse ? scratch.take(2) : undefined,
    rowsAbove: skips && sparse ? scratch.take(1) : undefined,
    rowsBelow: skips && sparse ? scratch.take(1) : undefined,
    filterStart: sparse && tile.tiles > 1 ? scratch.take(2) : undefined,
    mask: take((pool?.height ?? 1) > 1, 1),
    unpooled: take(inRam, columns),
    pooledRow: take(inRam || corrected, 2),
    corrections: corrected ? scratch.take(CORRECTION_BYTES * columns) : undefined,
    correction: corrected ? scratch.take(2) : undefined,
  };
}

/** Puts what kernels read while operands are forgotten into RAM. */
export function storeOperands(frame: StepFrame, shape: ConvolutionShape, tile: Tile, variables: Variables): void {
  const { assembly, operand } = frame;
  const { emit } = assembly;
  const { inside, above, below, mask } = variables;
  if (mask !== '') emit('sts', mask, r(inRegister(assembly, operand('mask'), 24)));
  if (inside === undefined) return;
  if (tile.unrolled) return emit('sts', inside, r(inRegister(assembly, operand('inside'), 24)));
  const [skip, taps, rest] = [24, 25, 23];
  copy(assembly, [skip], [inRegister(assembly, operand('skip'), skip)]);
  copy(assembly, [taps], [inRegister(assembly, operand('taps'), taps)]);
  emit('sts', inside, r(taps));
  emit('ldi', r(rest), shape.kernelHeight);
  emit('sub', r(rest), r(skip));
  emit('sub', r(rest), r(taps));
  if (!isDense(tile)) {
    emit('sts', variables.rowsAbove as string, r(skip));
    return emit('sts', variables.rowsBelow as string, r(rest));
  }
  const bytes = runBytes(shape, tile);
  multiplyAdd(assembly, X, '0', skip, bytes, 22);
  storePair(assembly, above as string, X);
  multiplyAdd(assembly, X, '0', rest, bytes, 22);
  storePair(assembly, below as string, X);
}

/** The register that an operand is in; a constant goes to `register`. */
function inRegister({ emit }: Pick<Assembly, 'emit'>, value: OperandValue, register: Register): Register {
  if ('register' in value) return value.register;
  emit('ldi', r(register), value.constant);
  return register;
}
