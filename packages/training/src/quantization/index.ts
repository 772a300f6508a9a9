export { largestSum } from './accumulators.ts';
export * from './activation.ts';
export * from './batchNorm.ts';
export { sidesOf } from './bounded-scale.ts';
export * from './folding.ts';
export * from './kernel.ts';
export * from './requantization.ts';
export { addStepGradients, beginSteps, keepPositive } from './steps.ts';
