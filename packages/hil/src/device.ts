/** One answer of the chip to one image. */
export interface Inference {
  readonly logits: Int32Array;
  /** Computing only, by the chip's own hardware timer; the serial line is not in it. */
  readonly cycles: number;
}

/** What the firmware says about itself on connection. */
export interface DeviceIdentity {
  /** CRC-32 of the model file the firmware was generated from. */
  readonly modelId: number;
  /** CRC-32 of all that the firmware was compiled from: what tells whether a board has to be flashed. */
  readonly firmwareId: number;
  readonly inputRows: number;
  readonly inputRowBytes: number;
  readonly classes: number;
}

/** What a chip can tell of its surroundings. */
export interface CheckUp {
  /** Against the chip's bandgap reference, 1.1 V ± 10 % (datasheet, table 29-16); absent if the chip does not know. */
  readonly supplyVolts?: number;
  /** By the clock of whoever asks, to about 1 %; absent if the line lost each answer. */
  readonly clockMegahertz?: number;
}

/** A chip that runs the HIL firmware: the avr8js emulator, or a board behind a serial port. `deviceContract` is run against each. */
export interface Device {
  readonly name: string;
  /** Loads firmware. The emulator loads it at once; a board is flashed, or found to run it already (same firmware id). */
  identify(): Promise<DeviceIdentity>;
  infer(image: Uint8Array): Promise<Inference>;
  /** Peak stack in bytes since reset, from the painted stack. */
  paintedStackBytes(): Promise<number>;
  /** Takes a second. */
  checkUp(): Promise<CheckUp>;
  close(): Promise<void>;
}
