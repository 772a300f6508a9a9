export * from './accumulator.ts';
export * from './architecture.ts';
export * from './bias-step.ts';
export * from './builder.ts';
export * from './byte-float.ts';
export * from './counts.ts';
export * from './errors.ts';
export * from './file/decode.ts';
export * from './file/encode.ts';
export * from './file/storage.ts';
export * from './geometry.ts';
export * from './interpreter/interpreter.ts';
export * from './model.ts';
export * from './plan/index.ts';
export * from './preprocessing/index.ts';
export { architectureSchema, firstIssue, layerSchema } from './schema.ts';
export { type Random, seededRandom } from './seeded-random.ts';
export * from './shapes.ts';
export {
  complaintAboutSymmetry,
  firstOfOrbit,
  orbitSize,
  readsImage,
  shareChannels,
  shareOrbits,
  symmetryOf,
  type Tap,
  transformTap,
  weightOrbits,
} from './symmetry.ts';
export { describeKernel, tiedGroups } from './ties.ts';
export * from './validate.ts';
