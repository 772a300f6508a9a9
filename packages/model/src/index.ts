export * from './architecture.ts';
export * from './model.ts';
