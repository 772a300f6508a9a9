export * from './architecture.ts';
export * from './builder.ts';
export * from './counts.ts';
export * from './errors.ts';
export * from './geometry.ts';
export * from './interpreter/interpreter.ts';
export * from './model.ts';
export * from './shapes.ts';
