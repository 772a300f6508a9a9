export * from './channel-groups.ts';
export * from './magnitude.ts';
export * from './remove-channels.ts';
export * from './structured.ts';
export { VariationalDropout, type VariationalTarget } from './variational.ts';
