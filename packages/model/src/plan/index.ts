export * from './layout.ts';
export * from './plan.ts';
export { firstRow, iterations, rowsNeeded, type Step } from './steps.ts';
