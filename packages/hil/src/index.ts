export * from './atmega328p.ts';
export { createAvr8jsDevice, type EmulatedDevice } from './avr8js-device.ts';
export { flashUno } from './avrdude.ts';
export {
  BOARD_BAUD_RATE,
  buildFirmware,
  COMPILER_FLAGS,
  EMULATOR_BAUD_RATE,
  type BuildOptions,
  type Firmware,
} from './build.ts';
export { buildModel, type BuiltModel } from './build-model.ts';
export type { ChipRun } from './chip-run.ts';
export * from './device.ts';
export { runOnEmulator, type RunOptions } from './emulator-run.ts';
export { DoesNotFitError } from './fit.ts';
export { measureModel, runOnDevice, summarize, type MeasureOptions } from './measure.ts';
export * from './measurement.ts';
export { verify, type VerifyOptions } from './verify.ts';
export { openSerialDevice, type SerialDeviceOptions } from './serial-device.ts';
export { findToolchain, type Toolchain } from './toolchain.ts';
