export { generate, planModel } from './generate.ts';
export * from './sources.ts';
