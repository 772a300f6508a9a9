export * from './random-architecture.ts';
export * from './random-image.ts';
export { type GoldenCase, goldenCases } from '../golden/golden.ts';
export * from './naive.ts';
export * from './random-model.ts';
export * from './random.ts';
