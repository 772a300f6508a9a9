import type { Assembly, Counter } from '../../assembly/assembly.ts';
import { copy, multiplyAdd } from '../../assembly/idioms.ts';
import { r, type Register, X } from '../../assembly/registers.ts';
import type { OperandValue, StepFrame } from '../../context.ts';
import type { SignCounts } from '../../encodings/by-sign.ts';
import { WINDOW } from '../../rows.ts';
import { clippedRows, setWhole } from './clipping.ts';
import { CORRECTION_BYTES } from './correction.ts';
import { filterWeights } from './orbits.ts';
import type { OutputVariables } from './outputs.ts';
import { type ConvolutionShape, type DenseLayout, isDense, runBytes, type SparseRuns } from './shape.ts';
import type { Tile } from './tile.ts';
import { phaseIsCounted } from './tile-run.ts';
import type { OrbitVariables } from './unfold.ts';

/** Names of what a convolution's step has in RAM; those that it does not need are undefined. */
export interface Variables extends OutputVariables {
  /** Of a sparse layer. */
  readonly runs?: SparseRuns;
  /** Of a layer that is computed by sign. */
  readonly signs?: SignCounts;
  /** Rows of taps above and below the image, which a sparse layer passes by one by one. */
  readonly rowsAbove?: string;
  readonly rowsBelow?: string;
  /**
   * Rows of taps inside of the image, or a bit for each in an unrolled kernel, if the T flag does not tell them all; or where the pointers of
   * those rows end.
   */
  readonly inside?: string;
  /** Bytes of weights for rows of taps above and below the image. */
  readonly above?: string;
  readonly below?: string;
  readonly tilesLeft: Counter;
  /** Where the tile's outputs of the first filter begin, if there are several tiles. */
  readonly tileRow?: string;
  /** Corrections of unsigned weights for the tile's pixels. */
  readonly corrections?: string;
  /** Of a layer whose filters are transforms of each other. */
  readonly orbit?: OrbitVariables;
}

/** What is added to weights in flash. */
export const offsetOf = ({ encoding }: Tile): number => (encoding.kind === 'dense' ? encoding.offset : 0);

export function placeVariables({ scratch }: StepFrame, shape: ConvolutionShape, tile: Tile): Variables {
  const { clips, mostAbove, mostBelow, pool, orbits } = shape;
  const { tiles } = tile.run;
  const corrected = offsetOf(tile) > 0;
  const skips = clips && !tile.unrolled;
  const sparse = tile.encoding.kind === 'sparse';
  const take = (wanted: boolean, bytes: number): string => (wanted ? scratch.take(bytes) : '');
  const tilesLeft = { address: take(tiles > 1, 1) };
  return {
    tilesLeft,
    tileRow: tiles > 1 || corrected ? scratch.take(2) : undefined,
    inside: skips || clippedRows(shape).length > 1 ? scratch.take(1) : undefined,
    above: skips && mostAbove > 0 && isDense(tile) ? scratch.take(skippedBytes(shape, tile)) : undefined,
    below: skips && mostBelow > 0 && isDense(tile) ? scratch.take(skippedBytes(shape, tile)) : undefined,
    rowsAbove: skips && mostAbove > 0 && sparse ? scratch.take(1) : undefined,
    rowsBelow: skips && mostBelow > 0 && sparse ? scratch.take(1) : undefined,
    mask: take((pool?.height ?? 1) > 1, 1),
    phase: phaseIsCounted(tile.run) ? tilesLeft.address : take(tile.run.phases.length > 1, 1),
    corrections: corrected ? scratch.take(CORRECTION_BYTES * tile.pixels) : undefined,
    orbit: orbits && { orbits, filtersLeft: scratch.take(1), unfolded: scratch.take(filterWeights(orbits)) },
  };
}

/** Puts what kernels read while operands are forgotten into RAM. */
export function storeOperands(frame: StepFrame, shape: ConvolutionShape, tile: Tile, variables: Variables): void {
  const { assembly, operand } = frame;
  const { emit } = assembly;
  const { inside, mask } = variables;
  if (mask !== '') emit('sts', mask, r(inRegister(assembly, operand('mask'), 24)));
  if (!shape.clips) return;
  if (!tile.unrolled) return storeRows(frame, shape, tile, variables);
  copy(assembly, [24], [inRegister(assembly, operand('inside'), 24)]);
  if (inside !== undefined) emit('sts', inside, 'r24');
  setWhole(assembly, 24, (1 << shape.kernelHeight) - 1);
}

/** Rows of the window outside of the image, and what their weights take in flash. */
function storeRows({ assembly, operand }: StepFrame, shape: ConvolutionShape, tile: Tile, variables: Variables): void {
  const { emit } = assembly;
  const { inside, above, below, rowsAbove, rowsBelow } = variables;
  const [skip, taps, rest] = [24, 25, 23];
  copy(assembly, [skip], [inRegister(assembly, operand('skip'), skip)]);
  copy(assembly, [taps], [inRegister(assembly, operand('taps'), taps)]);
  if (tile.registers.rowsEnd === undefined) emit('sts', inside as string, r(taps));
  setWhole(assembly, taps, shape.kernelHeight);
  if (shape.mostBelow > 0) {
    emit('ldi', r(rest), shape.kernelHeight);
    emit('sub', r(rest), r(skip));
    emit('sub', r(rest), r(taps));
  }
  if (rowsAbove !== undefined) emit('sts', rowsAbove, r(skip));
  if (rowsBelow !== undefined) emit('sts', rowsBelow, r(rest));
  for (const [rows, address] of [
    [skip, above],
    [rest, below],
  ] as const) {
    if (address === undefined || !isDense(tile)) continue;
    multiplyAdd(assembly, X, '0', rows, runBytes(shape, tile), 22);
    for (let byte = 0; byte < skippedBytes(shape, tile); byte++) emit('sts', `${address} + ${byte}`, r(X + byte));
  }
  if (tile.registers.rowsEnd === undefined) return;
  emit('lsl', r(taps));
  emit('subi', r(taps), `lo8(-(${WINDOW}))`);
  emit('sts', inside as string, r(taps));
}

/** Bytes of a variable that counts the bytes of weights for rows outside of the image. */
export function skippedBytes(shape: ConvolutionShape, layout: DenseLayout): 1 | 2 {
  return (shape.kernelHeight - 1) * runBytes(shape, layout) < 256 ? 1 : 2;
}

/** The register that an operand is in; a constant goes to `register`. */
function inRegister({ emit }: Pick<Assembly, 'emit'>, value: OperandValue, register: Register): Register {
  if ('register' in value) return value.register;
  emit('ldi', r(register), value.constant);
  return register;
}
