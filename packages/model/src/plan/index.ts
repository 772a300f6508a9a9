export type { Buffer } from './arena.ts';
export * from './layout.ts';
export * from './plan.ts';
export {
  betweenRowsBytes,
  MOMENT_BYTES,
  packedRowBytes,
  PLACEMENT_BYTES,
  type PreprocessingBuffers,
} from './preprocessing.ts';
export { firstRow, iterations, rowsNeeded, type Step } from './steps.ts';
