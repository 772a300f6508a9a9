/** For tests of other packages. */
export { startVirtualUno, type VirtualUno } from '../virtual-uno/index.ts';
export { tinyModel } from './tiny-model.ts';
export { describeWithOptiboot } from './with-optiboot.ts';
export { findOptiboot } from '../virtual-uno/optiboot.ts';
