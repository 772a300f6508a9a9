export * from './measurement.ts';
export * from './device.ts';
