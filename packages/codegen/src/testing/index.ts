export { generateAnyWay } from './any-way.ts';
