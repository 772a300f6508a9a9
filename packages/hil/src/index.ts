export * from './atmega328p.ts';
export { createAvr8jsDevice, type EmulatedDevice } from './avr8js-device.ts';
export {
  BOARD_BAUD_RATE,
  buildFirmware,
  COMPILER_FLAGS,
  EMULATOR_BAUD_RATE,
  type BuildOptions,
  type Firmware,
} from './build.ts';
export { runOnDevice, type BoardRunOptions } from './board-run.ts';
export { buildModel, type BuiltModel } from './build-model.ts';
export type { ChipRun } from './chip-run.ts';
export * from './device.ts';
export { runOnEmulator, type RunOptions } from './emulator-run.ts';
export { DoesNotFitError } from './fit.ts';
export { measureModel, summarize, type MeasureOptions } from './measure.ts';
export { measureOnBoard, type BoardMeasureOptions } from './measure-on-board.ts';
export * from './measurement.ts';
export type { LayerProfile, PhaseCycles, Profile } from './profile/profile.ts';
export { profileModel } from './profile/profile-model.ts';
export { verify, type VerifyOptions } from './verify.ts';
export { findBoard } from './ports/find-board.ts';
export {
  checkPort,
  flashBoard,
  openSerialDevice,
  PROGRAMMERS,
  type Programmer,
  type SerialDeviceOptions,
} from './serial-device.ts';
export { findToolchain, type Toolchain } from './toolchain.ts';
