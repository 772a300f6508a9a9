export * from './engine.ts';
export * from './initialization.ts';
export * from './quantization/index.ts';
export * from './targets.ts';
export { tfjsEngine } from './tfjs/engine.ts';
export { wasmEngine } from './wasm/engine.ts';
export * from './weights.ts';
export * from './pruning/index.ts';
export * from './trainer/index.ts';
